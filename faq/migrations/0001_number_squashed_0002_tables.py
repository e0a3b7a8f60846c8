import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import portal.models.record
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models

from portal.together import Together



class Migration(migrations.Migration):
    """What the migrations it replaces make of an empty database, in one step. They stay for databases that began earlier."""

    initial = True
    replaces = [
        ('faq', '0001_number'),
        ('faq', '0002_tables'),
    ]
    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
        ('portal', '0014_purposes_of_reminders'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.RunSQL(
            # The number of a public question, as its address has it: 1001, 1002, …
            "CREATE SEQUENCE faq_question_number AS integer START 1001 MINVALUE 1",
            "DROP SEQUENCE faq_question_number",
        ),
        Together([
            migrations.CreateModel(
                name='SearchMiss',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('words', models.CharField(max_length=100, unique=True)),
                    ('count', models.PositiveIntegerField(default=0)),
                    ('last_on', models.DateField(default=django.utils.timezone.localdate)),
                ],
                options={
                    'indexes': [models.Index(fields=['-count', 'words'], name='searchmiss_wanted')],
                },
            ),
            migrations.CreateModel(
                name='Topic',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('name', models.CharField(max_length=200, verbose_name='name')),
                    ('slug', models.SlugField(max_length=120, unique=True, verbose_name='address')),
                    ('synonyms', models.TextField(blank=True, verbose_name='other words for it, one a line')),
                    ('letter', models.GeneratedField(db_persist=True, expression=models.Case(models.When(name__regex='^[A-Za-z]', then=django.db.models.functions.text.Upper(django.db.models.functions.text.Left('name', 1))), default=models.Value('0-9')), output_field=models.CharField(max_length=3))),
                    ('words', models.GeneratedField(db_persist=True, expression=django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.SearchVector('name', config='english', weight='A'), '||', django.contrib.postgres.search.SearchVector('synonyms', config='english', weight='B'), django.contrib.postgres.search.SearchConfig('english')), output_field=django.contrib.postgres.search.SearchVectorField())),
                    ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='topics', to='portal.department')),
                ],
                options={
                    'ordering': ('slug',),
                    'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['words'], name='topic_words'), models.Index(fields=['letter', 'slug'], name='topic_letter'), models.Index(fields=['department', 'slug'], name='topic_department')],
                },
            ),
            migrations.CreateModel(
                name='Word',
                fields=[
                    ('word', models.CharField(max_length=40, primary_key=True, serialize=False)),
                    ('stem', models.CharField(db_index=True, max_length=40)),
                    ('seen', models.PositiveIntegerField()),
                ],
                options={
                    'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['word'], name='word_trgm', opclasses=('gin_trgm_ops',))],
                },
            ),
            migrations.CreateModel(
                name='TopicEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('name', models.CharField(max_length=200, verbose_name='name')),
                    ('slug', models.SlugField(db_index=False, max_length=120, verbose_name='address')),
                    ('synonyms', models.TextField(blank=True, verbose_name='other words for it, one a line')),
                    ('department', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='portal.department')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='faq.topic')),
                ],
                options={
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='Article',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('title', models.CharField(max_length=200, verbose_name='title')),
                    ('slug', models.SlugField(max_length=120, unique=True)),
                    ('status', models.CharField(choices=[('draft', 'Draft'), ('in_review', 'In review'), ('published', 'Published'), ('withdrawn', 'Withdrawn')], default='draft', max_length=10)),
                    ('review_on', models.DateField(blank=True, null=True, verbose_name='to be reviewed again by')),
                    ('changed_at', models.DateTimeField(auto_now=True)),
                    ('acknowledged', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, size=None)),
                    ('import_key', models.CharField(blank=True, editable=False, max_length=64, null=True, unique=True)),
                    ('source', models.CharField(blank=True, max_length=120)),
                    ('source_url', models.URLField(blank=True, max_length=500)),
                    ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='articles', to='portal.department')),
                    ('current', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='faq.revision')),
                    ('topics', models.ManyToManyField(blank=True, related_name='articles', to='faq.topic')),
                ],
                options={
                    'ordering': ('title',),
                    'indexes': [models.Index(fields=['status', '-changed_at'], name='article_board')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('status', 'published'), _negated=True), ('current__isnull', False), _connector='OR'), name='article_published_revision'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'withdrawn'), _negated=True), ('current__isnull', True), _connector='OR'), name='article_withdrawn_unread')],
                },
            ),
            migrations.CreateModel(
                name='Question',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('number', models.PositiveIntegerField(db_default=models.Func(models.Value('faq_question_number'), function='nextval'), editable=False, unique=True)),
                    ('title', models.CharField(max_length=250, verbose_name='title')),
                    ('slug', models.SlugField(editable=False, max_length=120)),
                    ('status', models.CharField(choices=[('suggested', 'Suggested'), ('draft', 'Draft'), ('in_review', 'In review'), ('published', 'Published'), ('withdrawn', 'Withdrawn')], default='draft', max_length=10)),
                    ('body', models.TextField(blank=True, verbose_name='the question, as readers see it')),
                    ('answer', models.TextField(verbose_name='the reply, as readers see it')),
                    ('in_short', models.TextField(blank=True, verbose_name='in short, one point a line')),
                    ('editor_note', models.TextField(blank=True, verbose_name="editor's note on the question, for instance on a dose")),
                    ('get_help', models.TextField(blank=True, verbose_name='see a doctor if, one point a line')),
                    ('get_help_now', models.TextField(blank=True, verbose_name='get help now if, one point a line')),
                    ('age_band', models.CharField(blank=True, max_length=6, verbose_name='age band')),
                    ('sex', models.CharField(blank=True, max_length=10, verbose_name='sex')),
                    ('asked_in', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='year it was asked')),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('changed_at', models.DateTimeField(auto_now=True)),
                    ('published_at', models.DateTimeField(blank=True, null=True)),
                    ('review_on', models.DateField(blank=True, null=True, verbose_name='to be reviewed again by')),
                    ('acknowledged', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, size=None)),
                    ('needs_consent', models.BooleanField(default=False)),
                    ('consent_digest', models.CharField(blank=True, max_length=64)),
                    ('text_digest', models.CharField(blank=True, editable=False, max_length=64)),
                    ('import_key', models.CharField(blank=True, editable=False, max_length=64, null=True, unique=True)),
                    ('external_id', models.CharField(blank=True, max_length=120)),
                    ('kind', models.CharField(blank=True, max_length=60, verbose_name='what it is about, as the source says')),
                    ('source', models.CharField(blank=True, max_length=120)),
                    ('source_url', models.URLField(blank=True, max_length=500)),
                    ('words', models.GeneratedField(db_persist=True, expression=django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.SearchVector('title', config='english', weight='A'), '||', django.contrib.postgres.search.SearchVector('body', config='english', weight='B'), django.contrib.postgres.search.SearchConfig('english')), '||', django.contrib.postgres.search.SearchVector('answer', config='english', weight='C'), django.contrib.postgres.search.SearchConfig('english')), output_field=django.contrib.postgres.search.SearchVectorField())),
                    ('title_words', models.GeneratedField(db_persist=True, expression=django.contrib.postgres.search.SearchVector('title', config='english'), output_field=django.contrib.postgres.search.SearchVectorField())),
                    ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('article', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='questions', to='faq.article')),
                    ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='questions', to='portal.department')),
                    ('edited_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('topics', models.ManyToManyField(blank=True, related_name='questions', to='faq.topic')),
                ],
                options={
                    'ordering': ('-published_at', '-number'),
                    'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['words'], name='question_words'), django.contrib.postgres.indexes.GinIndex(fields=['title_words'], name='question_title_words'), models.Index(condition=models.Q(('status', 'published'), ('import_key__isnull', True)), fields=['-published_at', '-number'], name='question_own'), models.Index(condition=models.Q(('status', 'published'), ('import_key__isnull', False)), fields=['-published_at', '-number'], name='question_imported'), models.Index(condition=models.Q(('status', 'published')), fields=['department', '-id'], name='question_department'), models.Index(fields=['status', '-changed_at'], name='question_board'), models.Index(condition=models.Q(('status', 'published')), fields=['review_on'], name='question_review')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('status', 'published'), _negated=True), ('needs_consent', False), models.Q(models.Q(('consent_digest', ''), _negated=True), ('consent_digest', models.F('text_digest'))), _connector='OR'), name='question_published_with_consent'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'published'), _negated=True), ('published_at__isnull', False), _connector='OR'), name='question_published_at'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'published'), _negated=True), ('approved_by__isnull', False), ('import_key__isnull', False), _connector='OR'), name='question_published_by'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'published'), _negated=True), ('edited_by__isnull', True), models.Q(('edited_by', models.F('approved_by')), _negated=True), _connector='OR'), name='question_published_by_another')],
                },
            ),
            migrations.CreateModel(
                name='Revision',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('number', models.PositiveIntegerField()),
                    ('title', models.CharField(max_length=200, verbose_name='title')),
                    ('body', models.TextField(verbose_name='text, in Markdown')),
                    ('sources', models.TextField(blank=True, verbose_name='sources, one a line')),
                    ('note', models.CharField(blank=True, max_length=200, verbose_name='what changed, and why')),
                    ('approved_at', models.DateTimeField(blank=True, null=True)),
                    ('approver', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='faq.article')),
                    ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('-number',),
                    'constraints': [models.UniqueConstraint(fields=('article', 'number'), name='revision_number'), models.CheckConstraint(condition=models.Q(('approver__isnull', True), models.Q(('approver', models.F('author')), _negated=True), _connector='OR'), name='revision_approved_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('approved_at__isnull', True), ('approver__isnull', True)), models.Q(('approved_at__isnull', False), ('approver__isnull', False)), _connector='OR'), name='revision_approved_at_by')],
                },
            ),
            migrations.CreateModel(
                name='QuestionEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('number', models.PositiveIntegerField(db_default=models.Func(models.Value('faq_question_number'), function='nextval'), editable=False)),
                    ('title', models.CharField(max_length=250, verbose_name='title')),
                    ('slug', models.SlugField(db_index=False, editable=False, max_length=120)),
                    ('status', models.CharField(choices=[('suggested', 'Suggested'), ('draft', 'Draft'), ('in_review', 'In review'), ('published', 'Published'), ('withdrawn', 'Withdrawn')], default='draft', max_length=10)),
                    ('body', models.TextField(blank=True, verbose_name='the question, as readers see it')),
                    ('answer', models.TextField(verbose_name='the reply, as readers see it')),
                    ('in_short', models.TextField(blank=True, verbose_name='in short, one point a line')),
                    ('editor_note', models.TextField(blank=True, verbose_name="editor's note on the question, for instance on a dose")),
                    ('get_help', models.TextField(blank=True, verbose_name='see a doctor if, one point a line')),
                    ('get_help_now', models.TextField(blank=True, verbose_name='get help now if, one point a line')),
                    ('age_band', models.CharField(blank=True, max_length=6, verbose_name='age band')),
                    ('sex', models.CharField(blank=True, max_length=10, verbose_name='sex')),
                    ('asked_in', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='year it was asked')),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('changed_at', models.DateTimeField(auto_now=True)),
                    ('published_at', models.DateTimeField(blank=True, null=True)),
                    ('review_on', models.DateField(blank=True, null=True, verbose_name='to be reviewed again by')),
                    ('acknowledged', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, size=None)),
                    ('needs_consent', models.BooleanField(default=False)),
                    ('consent_digest', models.CharField(blank=True, max_length=64)),
                    ('text_digest', models.CharField(blank=True, editable=False, max_length=64)),
                    ('import_key', models.CharField(blank=True, editable=False, max_length=64, null=True)),
                    ('external_id', models.CharField(blank=True, max_length=120)),
                    ('kind', models.CharField(blank=True, max_length=60, verbose_name='what it is about, as the source says')),
                    ('source', models.CharField(blank=True, max_length=120)),
                    ('source_url', models.URLField(blank=True, max_length=500)),
                    ('answered_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('approved_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('article', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='faq.article')),
                    ('department', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='portal.department')),
                    ('edited_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='faq.question')),
                ],
                options={
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='ArticleEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('title', models.CharField(max_length=200, verbose_name='title')),
                    ('slug', models.SlugField(db_index=False, max_length=120)),
                    ('status', models.CharField(choices=[('draft', 'Draft'), ('in_review', 'In review'), ('published', 'Published'), ('withdrawn', 'Withdrawn')], default='draft', max_length=10)),
                    ('review_on', models.DateField(blank=True, null=True, verbose_name='to be reviewed again by')),
                    ('changed_at', models.DateTimeField(auto_now=True)),
                    ('acknowledged', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, size=None)),
                    ('import_key', models.CharField(blank=True, editable=False, max_length=64, null=True)),
                    ('source', models.CharField(blank=True, max_length=120)),
                    ('source_url', models.URLField(blank=True, max_length=500)),
                    ('department', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='portal.department')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='faq.article')),
                    ('current', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='faq.revision')),
                ],
                options={
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='Feedback',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('has_helped', models.BooleanField()),
                    ('reason', models.CharField(blank=True, choices=[('hard_to_follow', 'It was hard to follow'), ('not_my_question', 'It was not about my question'), ('worried_me', 'It left me more worried'), ('out_of_date', 'It looks out of date'), ('wrong', 'Something in it looks wrong')], max_length=20)),
                    ('question', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='feedback', to='faq.question')),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('has_helped', False), ('reason', ''), _connector='OR'), name='feedback_reason_of_no'), models.CheckConstraint(condition=models.Q(('reason__in', ['', 'hard_to_follow', 'not_my_question', 'worried_me', 'out_of_date', 'wrong'])), name='feedback_reason')],
                },
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='topic',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "faq_topicevent" ("created_at", "department_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "slug", "synonyms") VALUES (NEW."created_at", NEW."department_id", NEW."id", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."slug", NEW."synonyms"); RETURN NULL;', hash='c5cedabcd0d567ece598c58ea22469b50d498265', operation='INSERT', pgid='pgtrigger_insert_insert_18c3b', table='faq_topic', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='topic',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."department_id" IS DISTINCT FROM (NEW."department_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."slug" IS DISTINCT FROM (NEW."slug") OR OLD."synonyms" IS DISTINCT FROM (NEW."synonyms"))', func='INSERT INTO "faq_topicevent" ("created_at", "department_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "slug", "synonyms") VALUES (NEW."created_at", NEW."department_id", NEW."id", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."slug", NEW."synonyms"); RETURN NULL;', hash='ea809c5554d0f9069efd161665ee7f821f827243', operation='UPDATE', pgid='pgtrigger_update_update_fe88d', table='faq_topic', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='article',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "faq_articleevent" ("acknowledged", "changed_at", "created_at", "current_id", "department_id", "id", "import_key", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "review_on", "slug", "source", "source_url", "status", "title") VALUES (NEW."acknowledged", NEW."changed_at", NEW."created_at", NEW."current_id", NEW."department_id", NEW."id", NEW."import_key", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."review_on", NEW."slug", NEW."source", NEW."source_url", NEW."status", NEW."title"); RETURN NULL;', hash='a448fd9f5dfb2cf0aa4d0720f4de42f7e3d2bde7', operation='INSERT', pgid='pgtrigger_insert_insert_0139a', table='faq_article', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='article',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "faq_articleevent" ("acknowledged", "changed_at", "created_at", "current_id", "department_id", "id", "import_key", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "review_on", "slug", "source", "source_url", "status", "title") VALUES (NEW."acknowledged", NEW."changed_at", NEW."created_at", NEW."current_id", NEW."department_id", NEW."id", NEW."import_key", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."review_on", NEW."slug", NEW."source", NEW."source_url", NEW."status", NEW."title"); RETURN NULL;', hash='4339ab8f534cd37944e2da5324273d14cdd002c0', operation='UPDATE', pgid='pgtrigger_update_update_455a9', table='faq_article', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='question',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "faq_questionevent" ("acknowledged", "age_band", "answer", "answered_by_id", "approved_by_id", "article_id", "asked_in", "body", "changed_at", "consent_digest", "created_at", "department_id", "edited_by_id", "editor_note", "external_id", "get_help", "get_help_now", "id", "import_key", "in_short", "kind", "needs_consent", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "review_on", "sex", "slug", "source", "source_url", "status", "text_digest", "title", "version") VALUES (NEW."acknowledged", NEW."age_band", NEW."answer", NEW."answered_by_id", NEW."approved_by_id", NEW."article_id", NEW."asked_in", NEW."body", NEW."changed_at", NEW."consent_digest", NEW."created_at", NEW."department_id", NEW."edited_by_id", NEW."editor_note", NEW."external_id", NEW."get_help", NEW."get_help_now", NEW."id", NEW."import_key", NEW."in_short", NEW."kind", NEW."needs_consent", NEW."number", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."published_at", NEW."review_on", NEW."sex", NEW."slug", NEW."source", NEW."source_url", NEW."status", NEW."text_digest", NEW."title", NEW."version"); RETURN NULL;', hash='51ec851dead1da7d9cd8eabda70659de54604561', operation='INSERT', pgid='pgtrigger_insert_insert_866aa', table='faq_question', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='question',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."acknowledged" IS DISTINCT FROM (NEW."acknowledged") OR OLD."age_band" IS DISTINCT FROM (NEW."age_band") OR OLD."answer" IS DISTINCT FROM (NEW."answer") OR OLD."answered_by_id" IS DISTINCT FROM (NEW."answered_by_id") OR OLD."approved_by_id" IS DISTINCT FROM (NEW."approved_by_id") OR OLD."article_id" IS DISTINCT FROM (NEW."article_id") OR OLD."asked_in" IS DISTINCT FROM (NEW."asked_in") OR OLD."body" IS DISTINCT FROM (NEW."body") OR OLD."changed_at" IS DISTINCT FROM (NEW."changed_at") OR OLD."consent_digest" IS DISTINCT FROM (NEW."consent_digest") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."department_id" IS DISTINCT FROM (NEW."department_id") OR OLD."edited_by_id" IS DISTINCT FROM (NEW."edited_by_id") OR OLD."editor_note" IS DISTINCT FROM (NEW."editor_note") OR OLD."external_id" IS DISTINCT FROM (NEW."external_id") OR OLD."get_help" IS DISTINCT FROM (NEW."get_help") OR OLD."get_help_now" IS DISTINCT FROM (NEW."get_help_now") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."import_key" IS DISTINCT FROM (NEW."import_key") OR OLD."in_short" IS DISTINCT FROM (NEW."in_short") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."needs_consent" IS DISTINCT FROM (NEW."needs_consent") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."published_at" IS DISTINCT FROM (NEW."published_at") OR OLD."review_on" IS DISTINCT FROM (NEW."review_on") OR OLD."sex" IS DISTINCT FROM (NEW."sex") OR OLD."slug" IS DISTINCT FROM (NEW."slug") OR OLD."source" IS DISTINCT FROM (NEW."source") OR OLD."source_url" IS DISTINCT FROM (NEW."source_url") OR OLD."status" IS DISTINCT FROM (NEW."status") OR OLD."text_digest" IS DISTINCT FROM (NEW."text_digest") OR OLD."title" IS DISTINCT FROM (NEW."title") OR OLD."version" IS DISTINCT FROM (NEW."version"))', func='INSERT INTO "faq_questionevent" ("acknowledged", "age_band", "answer", "answered_by_id", "approved_by_id", "article_id", "asked_in", "body", "changed_at", "consent_digest", "created_at", "department_id", "edited_by_id", "editor_note", "external_id", "get_help", "get_help_now", "id", "import_key", "in_short", "kind", "needs_consent", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "review_on", "sex", "slug", "source", "source_url", "status", "text_digest", "title", "version") VALUES (NEW."acknowledged", NEW."age_band", NEW."answer", NEW."answered_by_id", NEW."approved_by_id", NEW."article_id", NEW."asked_in", NEW."body", NEW."changed_at", NEW."consent_digest", NEW."created_at", NEW."department_id", NEW."edited_by_id", NEW."editor_note", NEW."external_id", NEW."get_help", NEW."get_help_now", NEW."id", NEW."import_key", NEW."in_short", NEW."kind", NEW."needs_consent", NEW."number", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."published_at", NEW."review_on", NEW."sex", NEW."slug", NEW."source", NEW."source_url", NEW."status", NEW."text_digest", NEW."title", NEW."version"); RETURN NULL;', hash='fa7f758362c9e06d2031998dfdf7179d10c73445', operation='UPDATE', pgid='pgtrigger_update_update_b0081', table='faq_question', when='AFTER')),
            ),
        ]),
    ]
