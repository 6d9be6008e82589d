from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0001_events")]

    operations = [
        migrations.CreateModel(
            name="IdempotencyRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user_id", models.UUIDField()),
                ("key", models.CharField(max_length=255)),
                ("endpoint", models.CharField(max_length=200)),
                (
                    "fingerprint",
                    models.CharField(help_text="SHA-256 of the method, the address and the body", max_length=64),
                ),
                ("refs", models.JSONField(null=True)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("body", models.TextField(blank=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["created_at"], name="core_idempotency_created")],
                "constraints": [
                    models.UniqueConstraint(fields=("user_id", "key"), name="core_idempotencyrecord_key_once"),
                    models.CheckConstraint(
                        condition=models.Q(("status__isnull", False), ("refs__isnull", False), _connector="OR"),
                        name="core_idempotencyrecord_answerable",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="QuotaCounter",
            fields=[
                ("key", models.CharField(max_length=120, primary_key=True, serialize=False)),
                ("used", models.IntegerField()),
                ("resets_at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(
            "ALTER TABLE core_quotacounter SET UNLOGGED",
            reverse_sql="ALTER TABLE core_quotacounter SET LOGGED",
        ),
    ]
