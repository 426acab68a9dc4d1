"""What the built-in investigator recognises: evidence in, findings out."""
