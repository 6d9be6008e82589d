from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('disputes', '0003_evidence_files'),
    ]

    operations = [
        migrations.AddField(
            model_name='disputefile',
            name='seen_before',
            field=models.BooleanField(default=False, help_text="a buyer's receipt that a buyer sent in another trade: the seller is warned"),
        ),
    ]
