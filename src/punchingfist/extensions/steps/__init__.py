"""What a workflow can be made of."""
