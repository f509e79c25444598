"""The hosts that mail is carried on, rendered from one settings file, compared and proven: the program mailsystem."""
