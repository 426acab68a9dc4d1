"""An in-memory Kubernetes API that real kubectl can talk to."""
