"""What newcomers add, one file each, found by folder."""
