"""What `kubectl get` shows of each built-in kind, one row function a kind."""
