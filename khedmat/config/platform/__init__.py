"""What Khedmat stands on: the embedded database, its roles, the running processes, the health check.

Nothing here imports Django or an app of the house: settings read their database from here.
"""
