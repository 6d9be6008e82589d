from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_idempotency_and_quotas"),
    ]

    operations = [
        migrations.CreateModel(
            name="Outage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("web", "Web"), ("worker", "Worker")], max_length=6)),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField()),
                ("made_good_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["web", "worker"])), name="core_outage_kind_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ended_at__gt", models.F("started_at"))),
                        name="core_outage_ends_after_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Pulse",
            fields=[
                (
                    "kind",
                    models.CharField(
                        choices=[("web", "Web"), ("worker", "Worker")], max_length=6, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["web", "worker"])), name="core_pulse_kind_known"
                    )
                ],
            },
        ),
    ]
