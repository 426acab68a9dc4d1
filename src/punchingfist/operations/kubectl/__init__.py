"""Running a parsed kubectl command: by the kubectl binary, or by the cluster's API alone."""
