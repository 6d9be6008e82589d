from tests.runtime.conftest import data_dir, environment

__all__ = ["data_dir", "environment"]
