"""Where private files are kept, and how much of a form is read."""

from typing import Any

from iqx.settings.environment import DATA_DIR, env

__all__ = ["DATA_UPLOAD_MAX_NUMBER_FIELDS", "DATA_UPLOAD_MAX_NUMBER_FILES"]

DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
DATA_UPLOAD_MAX_NUMBER_FILES = 5


def private_storage() -> dict[str, Any]:
    """A folder that nobody else may read; with IQX_S3_BUCKET a bucket instead, for which `requirements-s3.lock`."""
    bucket = env.str("IQX_S3_BUCKET", "")
    if not bucket:
        folder = {"location": DATA_DIR / "files", "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": folder}
    options = {
        "bucket_name": bucket,
        "endpoint_url": env.str("IQX_S3_ENDPOINT", "") or None,
        "region_name": env.str("IQX_S3_REGION", "") or None,
        "access_key": env.str("IQX_S3_ACCESS_KEY", "") or None,
        "secret_key": env.str("IQX_S3_SECRET_KEY", "") or None,
        "default_acl": "private",
        "file_overwrite": False,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
