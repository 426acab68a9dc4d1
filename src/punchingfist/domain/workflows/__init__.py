"""What a workflow says and where an execution of it stands."""
