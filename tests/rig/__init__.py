"""Real parts for the tests: programs as processes, PostgreSQL and Postfix in scratch folders."""
