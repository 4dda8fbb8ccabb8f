"""Search by a dictionary of name words: who is found is decided by name and birth year, tolerant of spelling."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from khedmat.common.database_roles import app_role
from khedmat.common.jalali import to_jalali
from khedmat.registry.naming import LEAST_LETTERS, LONGEST_TOKEN, search_keys, words_of_name

_BATCH = 5_000

# Both are trusted extensions: the owner of the database may create them.
EXTENSIONS = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;
"""

DICTIONARY = f"""
REVOKE ALL ON registry_nametoken FROM PUBLIC;
-- A key packs the word's id below the year (khedmat.registry.naming): an id beyond would spill into the next year.
ALTER TABLE registry_nametoken ALTER COLUMN id SET MAXVALUE 1999999;
ALTER TABLE registry_nametoken ADD CONSTRAINT name_token_fits_a_key CHECK (id BETWEEN 1 AND 1999999);

-- The word and all it becomes with one letter left out: two words with one of these in common are a slip apart.
CREATE FUNCTION guard.one_letter_out(word text) RETURNS text[] LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT array_agg(DISTINCT piece) FROM (
    SELECT word UNION ALL SELECT overlay(word PLACING '' FROM place FOR 1) FROM generate_series(1, length(word)) AS place
  ) AS pieces (piece) WHERE piece = word OR length(piece) > 1
$$;

-- The ids of words, in their order; words that are not known yet are written.
CREATE FUNCTION guard.keep_name_tokens(tokens text[], sounds text[]) RETURNS int[]
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  -- Looked for first: a refused insert would use up an id too. In order, so that two transactions that write the
  -- same words wait for each other instead of both for ever.
  INSERT INTO registry_nametoken (token, sound, skeleton, near)
    SELECT DISTINCT ON (given.token) given.token, given.sound, translate(given.sound, 'aiu', ''),
      guard.one_letter_out(given.sound) || guard.one_letter_out(given.token)
    FROM unnest(tokens, sounds) AS given (token, sound)
    WHERE NOT EXISTS (SELECT 1 FROM registry_nametoken t WHERE t.token = given.token)
    ORDER BY given.token
    ON CONFLICT (token) DO NOTHING;
  RETURN (SELECT array_agg(t.id ORDER BY given.place)
    FROM unnest(tokens) WITH ORDINALITY AS given (token, place) JOIN registry_nametoken t ON t.token = given.token);
END $$;

CREATE FUNCTION guard.name_token_ids(tokens text[], sounds text[]) RETURNS int[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF guard.user_id() IS NULL THEN RAISE EXCEPTION 'no context' USING ERRCODE = 'KH002'; END IF;
  RETURN guard.keep_name_tokens(tokens, sounds);
END $$;
GRANT EXECUTE ON FUNCTION guard.name_token_ids(text[], text[]) TO {app_role()};
"""

KEYS_FIT = """
-- Asked of each person that is written: the year is worked out once, by a function whose plan is kept.
CREATE OR REPLACE FUNCTION guard.keys_fit(keys int[], born date) RETURNS boolean LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
DECLARE first int := (guard.jalali_year(born) - 1200) * 2000000;
BEGIN
  RETURN cardinality(keys) > 0 AND first <= ALL (keys) AND first + 2000000 > ALL (keys);
END $$;
"""

KEYS = f"""
{KEYS_FIT}
-- A check asks as the one who writes the row.
GRANT EXECUTE ON FUNCTION guard.keys_fit(int[], date), guard.jalali_year(date) TO {app_role()};
ALTER TABLE registry_person ADD CONSTRAINT keys_of_the_birth_year CHECK (guard.keys_fit(search_keys, birth_on));
"""

# What these functions do is for guard.look_up alone: whoever could call them would read the register.
FINDING = """
-- How alike two words are, 1 for the same. Letters that changed places with their neighbours count as one slip.
CREATE FUNCTION guard.likeness(one text, other text) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
  SELECT 1 - CASE WHEN slips = 2 AND length(one) = length(other) AND translate(one, other, '') = '' THEN 1.0::float8
    ELSE slips END / greatest(length(one), length(other), 1)
  FROM (SELECT public.levenshtein(one, other) AS slips) AS counted
$$;

-- Words of the dictionary that may be meant by `word`, the likest first. 1 is the word itself, 0.95 one that sounds
-- the same. Latin words are compared by their skeleton too: their vowels are written in many ways. Trigrams, which
-- cost most, are asked only for words to which nothing comes near.
CREATE FUNCTION guard.like_name_tokens(word text, heard text, is_whole boolean)
RETURNS TABLE (id int, likeness float8)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp SET jit = off AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH bones AS (SELECT translate(heard, 'aiu', '') AS skeleton),
  near AS (
    SELECT t.id, t.token, t.sound, t.skeleton FROM registry_nametoken t, bones WHERE t.skeleton = bones.skeleton
    UNION SELECT t.id, t.token, t.sound, t.skeleton FROM registry_nametoken t
      WHERE t.near OPERATOR(pg_catalog.&&) (guard.one_letter_out(heard) || guard.one_letter_out(word))
  ), scored AS MATERIALIZED (
    SELECT near.id, CASE WHEN near.token = word THEN 1 ELSE greatest(guard.likeness(near.token, word),
      0.95 * CASE WHEN word ~ '^[a-z]'
        THEN (guard.likeness(near.sound, heard) + guard.likeness(near.skeleton, bones.skeleton)) / 2
        ELSE guard.likeness(near.sound, heard) END) END AS likeness
    FROM near, bones
  ), far AS (
    SELECT t.id, guard.likeness(t.token, word) AS likeness FROM registry_nametoken t
    WHERE is_whole AND length(word) > 5 AND NOT EXISTS (SELECT 1 FROM scored WHERE scored.likeness > 0.7)
      AND t.token % word AND abs(length(t.token) - length(word)) < 3
  ), every AS (SELECT * FROM scored UNION ALL SELECT * FROM far)
  SELECT every.id, max(every.likeness) FROM every WHERE every.likeness >= 0.5
  GROUP BY every.id ORDER BY max(every.likeness) DESC, every.id LIMIT 30;
END $$;

-- The keys of everything that may stand for the word of this mark (a power of 2).
CREATE FUNCTION guard.keys_of_word(mark int, ids int[], covers int[], years int[]) RETURNS int[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT array_agg(DISTINCT (year - 1200) * 2000000 + like_it.id)
  FROM unnest(ids, covers) AS like_it (id, covers), unnest(years) AS year WHERE like_it.covers & mark <> 0
$$;

-- People of the working place's province who carry a key of each of four lists (some may be the same list), one of
-- a household, with how well their names answer.
CREATE FUNCTION guard.people_with_keys(k1 int[], k2 int[], k3 int[], k4 int[], ids int[], likenesses float8[],
  covers int[], words int) RETURNS TABLE (household_id uuid, person_id uuid, score float8)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp SET jit = off AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH people AS MATERIALIZED (
    SELECT p.id, p.household_id, p.search_keys, p.given_name || ' ' || p.family_name AS name FROM registry_person p
    WHERE p.search_keys OPERATOR(pg_catalog.&&) k1 AND p.search_keys OPERATOR(pg_catalog.&&) k2
      AND p.search_keys OPERATOR(pg_catalog.&&) k3 AND p.search_keys OPERATOR(pg_catalog.&&) k4
  ), here AS (
    SELECT people.* FROM people JOIN registry_household h ON h.id = people.household_id
    WHERE h.province_id = (SELECT guard.province_id())
  ), heard AS (
    SELECT here.id, mark, max(like_it.likeness) AS best
    FROM here CROSS JOIN LATERAL unnest(here.search_keys) AS key
      JOIN unnest(ids, likenesses, covers) AS like_it (id, likeness, covers) ON like_it.id = key % 2000000
      CROSS JOIN generate_series(0, words - 1) AS mark
    WHERE like_it.covers & (1 << mark) <> 0 GROUP BY here.id, mark
  ), answered AS (
    SELECT heard.id, sum(heard.best) / words AS likeness FROM heard GROUP BY heard.id
  ), scored AS (
    SELECT here.household_id, here.id, answered.likeness
      -- Of two who answer alike, the one whose name has nothing more comes first.
      - 0.01 * least(5, abs(cardinality(string_to_array(trim(here.name), ' ')) - words)) AS score
    FROM here JOIN answered ON answered.id = here.id
  )
  SELECT DISTINCT ON (scored.household_id) scored.household_id, scored.id, scored.score FROM scored
  ORDER BY scored.household_id, scored.score DESC;
END $$;

-- The likest households, at most five, with the member who is meant; far less like ones stay unseen. Where nobody
-- carries all the words, one of three or more may be missing; where nobody does then, the year may be one off.
CREATE FUNCTION guard.families_named(words text[], sounds text[], covers int[], years int[])
RETURNS TABLE (household_id uuid, person_id uuid)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  marks int[];
  ids int[];
  likenesses float8[];
  of_marks int[];
BEGIN
  SELECT array_agg(found.id), array_agg(found.likeness), array_agg(sought.cover) INTO ids, likenesses, of_marks
    FROM unnest(words, sounds, covers) AS sought (word, sound, cover)
    CROSS JOIN LATERAL guard.like_name_tokens(sought.word, sought.sound, sought.cover & (sought.cover - 1) = 0) AS found
    -- Two words read as one must be nearly right.
    WHERE sought.cover & (sought.cover - 1) = 0 OR found.likeness >= 0.8;
  -- Longer words are rarer; four of them are enough to look for, the others still rank.
  SELECT array_agg(cover ORDER BY length DESC, cover) INTO marks FROM (
    SELECT sought.cover, max(length(sought.word)) FROM unnest(words, covers) AS sought (word, cover)
    WHERE sought.cover & (sought.cover - 1) = 0 GROUP BY sought.cover
  ) AS single (cover, length);
  FOR attempt IN 1..3 LOOP
    CONTINUE WHEN attempt = 2 AND cardinality(marks) < 3;
    IF attempt = 3 THEN
      years := ARRAY(SELECT DISTINCT year + off FROM unnest(years) AS year, generate_series(-1, 1) AS off);
    END IF;
    RETURN QUERY
      WITH trials AS (
        SELECT array_remove(marks[1:4], missing) AS these
        FROM unnest(CASE WHEN attempt = 2 THEN marks[1:4] ELSE '{0}' END) AS missing
      ), found AS MATERIALIZED (
        SELECT DISTINCT ON (p.household_id) p.household_id, p.person_id, p.score
        FROM trials CROSS JOIN LATERAL guard.people_with_keys(
          guard.keys_of_word(these[1], ids, of_marks, years),
          guard.keys_of_word(coalesce(these[2], these[1]), ids, of_marks, years),
          guard.keys_of_word(coalesce(these[3], these[1]), ids, of_marks, years),
          guard.keys_of_word(coalesce(these[4], these[1]), ids, of_marks, years),
          ids, likenesses, of_marks, cardinality(marks)) AS p
        ORDER BY p.household_id, p.score DESC
      )
      SELECT found.household_id, found.person_id FROM found
      WHERE found.score >= (SELECT max(score) FROM found) - 0.15
      ORDER BY found.score DESC, found.person_id LIMIT 5;
    EXIT WHEN FOUND;
  END LOOP;
END $$;
"""

LOOK_UP = f"""
DROP FUNCTION guard.look_up(bytea, text[], date);

-- A presented document's number (blind index), or words of a name (their sounds, which words each stands for) and
-- years of birth by the Iranian calendar: at most five masked hits, counted and recorded, of the working place's
-- province alone.
CREATE FUNCTION guard.look_up(document bytea, words text[], sounds text[], covers int[], years int[]) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  me guard.working := guard.ctx();
  allowed int;
  made int;
  found uuid[];
  people uuid[];
  way text := CASE WHEN document IS NOT NULL THEN 'document' ELSE 'name' END;
  look_up_id uuid := gen_random_uuid();
BEGIN
  IF me.user_id IS NULL THEN RAISE EXCEPTION 'no context' USING ERRCODE = 'KH002'; END IF;
  -- As the app asks (khedmat.registry.naming): six words at most, two years at most.
  IF document IS NULL AND NOT coalesce(
      cardinality(words) BETWEEN 1 AND 40 AND cardinality(words) = cardinality(sounds)
      AND cardinality(words) = cardinality(covers) AND cardinality(years) BETWEEN 1 AND 2
      AND (SELECT sum(length(word)) >= {LEAST_LETTERS}
           AND bool_and(coalesce(length(word) BETWEEN 1 AND {LONGEST_TOKEN}, false))
           AND bool_and(coalesce(length(sound) BETWEEN 1 AND {2 * LONGEST_TOKEN}, false))
           AND bool_and(coalesce(cover BETWEEN 1 AND 63, false)) AND bool_or(cover & (cover - 1) = 0)
           FROM unnest(words, sounds, covers) AS sought (word, sound, cover))
      AND (SELECT bool_and(coalesce(year BETWEEN 1200 AND 1500, false)) FROM unnest(years) AS year), false) THEN
    RAISE EXCEPTION 'nothing to look up' USING ERRCODE = 'KH002';
  END IF;
  PERFORM pg_advisory_xact_lock(7240502, hashtext(me.user_id::text));
  SELECT look_ups_a_day INTO allowed FROM accounts_readbudget WHERE role = me.role;
  IF coalesce(allowed, 0) = 0 THEN RAISE EXCEPTION 'role looks nobody up' USING ERRCODE = 'KH003'; END IF;
  SELECT count(*) INTO made FROM registry_lookup WHERE user_id = me.user_id AND at >= guard.start_of_day();
  IF made >= allowed THEN RAISE EXCEPTION 'budget spent' USING ERRCODE = 'KH001'; END IF;

  IF document IS NOT NULL THEN
    SELECT array_agg(hits.id), array_agg(hits.person_id) INTO found, people FROM (
      SELECT DISTINCT ON (h.id) h.id, d.person_id
      FROM registry_persondocument d JOIN registry_household h ON h.id = d.household_id
      WHERE d.number_index = document AND h.province_id = guard.province_id() ORDER BY h.id, d.person_id LIMIT 5) hits;
  ELSE
    SELECT array_agg(hits.household_id), array_agg(hits.person_id) INTO found, people
      FROM guard.families_named(words, sounds, covers, years) AS hits;
  END IF;
  found := coalesce(found, '{{}}');
  INSERT INTO registry_lookup (id, user_id, scope_id, by, households, at)
    VALUES (look_up_id, me.user_id, me.scope_id, way, found, clock_timestamp());
  PERFORM guard.note('register.looked-up', 'registry.lookup', look_up_id::text, NULL, NULL,
                     jsonb_build_object('by', way, 'hits', cardinality(found)));
  RETURN jsonb_build_object('id', look_up_id, 'hits', coalesce((
    SELECT jsonb_agg(jsonb_build_object(
      'position', hit.position,
      'head', guard.masked(head.given_name || ' ' || head.family_name),
      'birth_year', guard.jalali_year(head.birth_on),
      'members', (SELECT count(*) FROM registry_person m WHERE m.household_id = hit.household),
      'met', CASE WHEN met.id <> head.id THEN guard.masked(met.given_name || ' ' || met.family_name) ELSE '' END,
      'met_birth_year', CASE WHEN met.id <> head.id THEN guard.jalali_year(met.birth_on) END
    ) ORDER BY hit.position)
    FROM unnest(found, people) WITH ORDINALITY AS hit(household, person, position)
    JOIN registry_person head ON head.household_id = hit.household AND head.relation = 'head'
    JOIN registry_person met ON met.id = hit.person), '[]'));
END $$;
GRANT EXECUTE ON FUNCTION guard.look_up(bytea, text[], text[], int[], int[]) TO {app_role()};
"""


def give_keys(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Keys for the people who are in the register already, in batches."""
    person = apps.get_model("registry", "Person")
    with schema_editor.connection.cursor() as cursor:
        # The register says the same as before: no history, no change of household.
        cursor.execute("ALTER TABLE registry_person DISABLE TRIGGER USER")
        everybody = _people(person, schema_editor.connection.alias)
        while people := list(islice(everybody, _BATCH)):
            named = [words_of_name(one.given_name, one.family_name, one.latin_name) for one in people]
            words = sorted({word for own in named for word in own}, key=lambda word: word.token)
            cursor.execute(
                "SELECT guard.keep_name_tokens(%s::text[], %s::text[])",
                [[word.token for word in words], [word.sound for word in words]],
            )
            ids = dict(zip(words, cursor.fetchone()[0], strict=True))
            cursor.executemany(
                "UPDATE registry_person SET search_keys = %s WHERE id = %s",
                [
                    (search_keys(to_jalali(one.birth_on).year, (ids[word] for word in own)), one.pk)
                    for one, own in zip(people, named, strict=True)
                ],
            )
        cursor.execute("ALTER TABLE registry_person ENABLE TRIGGER USER")


def _people(person: Any, alias: str) -> Iterator[Any]:
    """By id, some thousands at a time: the migration reads a register of any size."""
    fields = ("given_name", "family_name", "latin_name", "birth_on")
    return iter(person.objects.using(alias).only(*fields).order_by("pk").iterator(chunk_size=_BATCH))


class Migration(migrations.Migration):
    dependencies = [("registry", "0005_history")]
    operations = [
        migrations.RunSQL(EXTENSIONS, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="NameToken",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("token", models.CharField(max_length=40, unique=True)),
                ("sound", models.CharField(max_length=80)),
                ("skeleton", models.CharField(max_length=80)),
                (
                    "near",
                    django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["skeleton"], name="registry_name_skeleton"),
                    django.contrib.postgres.indexes.GinIndex(fields=["near"], name="registry_name_near"),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["token"], name="registry_name_trigrams", opclasses=["gin_trgm_ops"]
                    ),
                ],
            },
        ),
        migrations.RunSQL(DICTIONARY, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="person",
            name="search_keys",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.IntegerField(), editable=False, null=True, size=None
            ),
        ),
        migrations.RunPython(give_keys, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="person",
            name="search_keys",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.IntegerField(), editable=False, size=None
            ),
        ),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="person",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search_keys"], gin_pending_list_limit=512, name="registry_keys"
            ),
        ),
        migrations.RunSQL(FINDING, migrations.RunSQL.noop),
        migrations.RunSQL(LOOK_UP, migrations.RunSQL.noop),
        migrations.RemoveIndex(model_name="person", name="registry_birth"),
        migrations.RemoveField(model_name="person", name="name_tokens"),
    ]
