"""Yesterday's mail in one mail that people read: the program pflogsumm-report."""
