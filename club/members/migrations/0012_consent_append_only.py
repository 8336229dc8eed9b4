from django.db import migrations

from core.tenancy.operations import MakeAppendOnly


class Migration(migrations.Migration):
    dependencies = [("members", "0011_language")]

    operations = [MakeAppendOnly("ConsentChange")]
