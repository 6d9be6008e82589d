import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Stream",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("head", models.BigIntegerField(default=0, help_text="seq of the newest event")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("head__gte", 0)), name="core_stream_head_not_negative"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.BigIntegerField()),
                ("type", models.CharField(max_length=40)),
                ("data", models.JSONField()),
                ("book", models.JSONField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "stream",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="core.stream",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("stream", "seq"), name="core_event_seq_once")],
            },
        ),
    ]
