"""A rehearsal of a deployment: `python -m deploy.rehearsal`, or `make rehearse`.

It runs what is in deploy/ (nginx, supervisord, the production configuration) on this machine, in a folder of its own,
lets people trade through it, and restarts and kills one process after the other. Then it holds what people were told,
and what their sockets saw, against the database.
"""
