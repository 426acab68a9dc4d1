"""Who may post to a webhook path: tokens in headers, and signatures over the body."""
