from django.contrib.auth.hashers import Argon2PasswordHasher


class CheapArgon2(Argon2PasswordHasher):
    """Argon2 as in earnest, at the least cost: for tests that are not about it."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
