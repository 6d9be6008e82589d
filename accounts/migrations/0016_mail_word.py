from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0015_approvals")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="user",
            name="mail_word",
            field=models.CharField(
                blank=True,
                default="",
                help_text="all e-mails to the user have it, so that he knows them",
                max_length=40,
            ),
        ),
    ]
