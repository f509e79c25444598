"""How the queues of all mail servers do: the program mailqueues."""
