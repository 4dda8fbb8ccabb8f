"""What an import of people matches, compares and writes, without reading anybody's data."""

from django.db import migrations

from khedmat.common.database_roles import app_role

FUNCTIONS = f"""
-- The run, when it is one of the province in which the keeper of the register works just now.
CREATE OR REPLACE FUNCTION guard.import_under_way(of_run uuid) RETURNS imports_run
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE found imports_run;
BEGIN
  SELECT * INTO found FROM imports_run WHERE id = of_run AND kind = 'people' AND scope_id = guard.scope_id()
    AND guard.role() = 'register_keeper' AND guard.province_id() = scope_id;
  IF found.id IS NULL THEN RAISE EXCEPTION 'not yours' USING ERRCODE = 'KH002'; END IF;
  RETURN found;
END $$;

-- For each staged row: which people of this province bear its codes and numbers, whether somebody of another
-- province does, and which household has its code. Ids alone. While importing, the households stay locked. In the
-- order of the groups, as their index has them: no other way to the rows is as short.
CREATE OR REPLACE FUNCTION guard.match_staged(of_run uuid, first_group int, last_group int)
RETURNS TABLE (number int, persons uuid[], families uuid[], is_elsewhere boolean, family uuid, has_head boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE run imports_run := guard.import_under_way(of_run);
BEGIN
  IF run.state = 'importing' THEN
    PERFORM 1 FROM registry_household h WHERE h.id IN (
      SELECT k.id FROM registry_household k JOIN imports_stagedrow r ON k.code_index = r.group_key
        WHERE r.run_id = of_run AND r.group_number BETWEEN first_group AND last_group AND k.province_id = run.scope_id
      UNION SELECT d.household_id FROM imports_stagedrow r JOIN registry_persondocument d ON d.number_index = ANY (r.keys)
        WHERE r.run_id = of_run AND r.group_number BETWEEN first_group AND last_group
    ) AND h.province_id = run.scope_id ORDER BY h.id FOR UPDATE;
  END IF;
  RETURN QUERY
  SELECT r.number::int, m.persons, m.families, coalesce(m.is_elsewhere, false), f.id,
         EXISTS (SELECT 1 FROM registry_person p WHERE p.household_id = coalesce(f.id, m.families[1]) AND p.relation = 'head')
  FROM imports_stagedrow r
  LEFT JOIN registry_household f ON f.code_index = r.group_key AND f.province_id = run.scope_id
  LEFT JOIN LATERAL (
    SELECT array_agg(hit.person_id ORDER BY hit.person_id) FILTER (WHERE hit.is_here) AS persons,
           array_agg(hit.household_id ORDER BY hit.person_id) FILTER (WHERE hit.is_here) AS families,
           bool_or(NOT hit.is_here) AS is_elsewhere
    FROM (SELECT DISTINCT d.person_id, d.household_id, h.province_id = run.scope_id AS is_here
          FROM unnest(r.keys, r.key_kinds) AS k(index, kind)
          JOIN registry_persondocument d ON d.number_index = k.index AND d.kind = k.kind
          JOIN registry_household h ON h.id = d.household_id) hit
  ) m ON true
  WHERE r.run_id = of_run AND r.group_number BETWEEN first_group AND last_group AND r.outcome <> 'refused'
  ORDER BY r.group_number, r.number;
END $$;

-- The source of each value of these records (people and households of the province), and its digest: enough to
-- tell whether a file says the same, and no more. `imported`: the digest of what a file said last.
CREATE OR REPLACE FUNCTION guard.sources_of(of_run uuid, people uuid[], households uuid[])
RETURNS TABLE (record uuid, field text, way text, digest bytea, imported bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE run imports_run := guard.import_under_way(of_run);
BEGIN
  RETURN QUERY
  SELECT DISTINCT ON (w.record, w.field) w.record, w.field, w.way, w.digest,
    first_value(w.digest) OVER (PARTITION BY w.record, w.field ORDER BY (w.way = 'import') DESC, w.id DESC)
  FROM (
    SELECT coalesce(p.person_id, p.household_id) AS record, f.field::text, p.way::text, p.id,
           substring(p.digests FROM (f.place::int - 1) * 8 + 1 FOR 8) AS digest
    FROM registry_provenance p CROSS JOIN LATERAL unnest(p.fields) WITH ORDINALITY AS f(field, place)
    WHERE (p.person_id = ANY (people) OR (p.person_id IS NULL AND p.household_id = ANY (households)))
      AND EXISTS (SELECT 1 FROM registry_household h WHERE h.id = p.household_id AND h.province_id = run.scope_id)
  ) w
  ORDER BY w.record, w.field, w.id DESC;
END $$;

-- Which of these people's documents are in the register, by kind and blind index.
CREATE OR REPLACE FUNCTION guard.document_indexes_of(of_run uuid, people uuid[])
RETURNS TABLE (person uuid, kind text, number_index bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE run imports_run := guard.import_under_way(of_run);
BEGIN
  RETURN QUERY SELECT d.person_id, d.kind::text, d.number_index FROM registry_persondocument d
    JOIN registry_household h ON h.id = d.household_id AND h.province_id = run.scope_id
    WHERE d.person_id = ANY (people);
END $$;

-- Writes what a chunk of an import brings. Every record must be new, or of the province; nothing is blanked.
CREATE OR REPLACE FUNCTION guard.write_imported(of_run uuid, batch jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  run imports_run := guard.import_under_way(of_run);
  -- Who works here is asked once, not once a family.
  working guard.working := guard.ctx();
  me uuid := working.user_id;
BEGIN
  IF run.state <> 'importing' THEN RAISE EXCEPTION 'not importing' USING ERRCODE = 'KH002'; END IF;
  PERFORM set_config('khedmat.because', 'import:' || of_run, true);

  INSERT INTO registry_household (id, province_id, code, code_index, county_id, phone, phone_index, address,
                                  postal_code, version, created_by)
    SELECT h.id, run.scope_id, decode(h.code, 'hex'), decode(h.code_index, 'hex'), h.county, decode(h.phone, 'hex'),
           decode(h.phone_index, 'hex'), decode(h.address, 'hex'), decode(h.postal_code, 'hex'), 1, me
    FROM jsonb_to_recordset(batch -> 'new_households') AS h(id uuid, code text, code_index text, county int, phone text,
                                                          phone_index text, address text, postal_code text);
  UPDATE registry_household k SET
      code = coalesce(decode(h.code, 'hex'), k.code), code_index = coalesce(decode(h.code_index, 'hex'), k.code_index),
      county_id = coalesce(h.county, k.county_id), phone = coalesce(decode(h.phone, 'hex'), k.phone),
      phone_index = coalesce(decode(h.phone_index, 'hex'), k.phone_index),
      address = coalesce(decode(h.address, 'hex'), k.address),
      postal_code = coalesce(decode(h.postal_code, 'hex'), k.postal_code), version = k.version + 1
    FROM jsonb_to_recordset(batch -> 'households') AS h(id uuid, code text, code_index text, county int, phone text,
                                                      phone_index text, address text, postal_code text)
    WHERE k.id = h.id AND k.province_id = run.scope_id;

  INSERT INTO registry_person (id, household_id, given_name, family_name, latin_name, father_name, grandfather_name,
      search_keys, sex, birth_on, birth_place, nationality, relation, position, version, created_by)
    SELECT p.id, p.household, p.given_name, p.family_name, p.latin_name, p.father_name, p.grandfather_name,
      p.search_keys, p.sex, p.birth_on, decode(p.birth_place, 'hex'), decode(p.nationality, 'hex'),
      p.relation, coalesce((SELECT max(m.position) FROM registry_person m WHERE m.household_id = p.household), 0)
        + row_number() OVER (PARTITION BY p.household ORDER BY p.relation <> 'head', p.row), 1, me
    FROM jsonb_to_recordset(batch -> 'new_persons') AS p(id uuid, household uuid, given_name text, family_name text,
      latin_name text, father_name text, grandfather_name text, search_keys int[], sex text,
      birth_on date, birth_place text, nationality text, relation text, "row" int)
    JOIN registry_household k ON k.id = p.household AND k.province_id = run.scope_id;
  -- Names by which somebody was once found go on finding them: keys are added, none is taken away.
  UPDATE registry_person q SET
      given_name = coalesce(p.given_name, q.given_name), family_name = coalesce(p.family_name, q.family_name),
      latin_name = coalesce(p.latin_name, q.latin_name), father_name = coalesce(p.father_name, q.father_name),
      grandfather_name = coalesce(p.grandfather_name, q.grandfather_name),
      search_keys = guard.joined_keys(q.search_keys, p.search_keys, coalesce(p.birth_on, q.birth_on)),
      sex = coalesce(p.sex, q.sex), birth_on = coalesce(p.birth_on, q.birth_on),
      birth_place = coalesce(decode(p.birth_place, 'hex'), q.birth_place),
      nationality = coalesce(decode(p.nationality, 'hex'), q.nationality),
      relation = coalesce(p.relation, q.relation), version = q.version + 1
    FROM jsonb_to_recordset(batch -> 'persons') AS p(id uuid, given_name text, family_name text, latin_name text,
      father_name text, grandfather_name text, search_keys int[], sex text, birth_on date,
      birth_place text, nationality text, relation text), registry_household k
    WHERE q.id = p.id AND k.id = q.household_id AND k.province_id = run.scope_id;

  INSERT INTO registry_persondocument (id, household_id, person_id, kind, number, number_index, series, issuer,
                                       issued_on, valid_until, created_by)
    SELECT d.id, q.household_id, q.id, d.kind, decode(d.number, 'hex'), decode(d.number_index, 'hex'), d.series, '',
           d.issued_on, d.valid_until, me
    FROM jsonb_to_recordset(batch -> 'new_documents') AS d(id uuid, person uuid, kind text, number text,
      number_index text, series text, issued_on date, valid_until date)
    JOIN registry_person q ON q.id = d.person JOIN registry_household k ON k.id = q.household_id
      AND k.province_id = run.scope_id;
  UPDATE registry_persondocument e SET issued_on = coalesce(d.issued_on, e.issued_on),
      valid_until = coalesce(d.valid_until, e.valid_until)
    FROM jsonb_to_recordset(batch -> 'documents') AS d(person uuid, kind text, number_index text, issued_on date,
      valid_until date), registry_household k
    WHERE e.person_id = d.person AND e.kind = d.kind AND e.number_index = decode(d.number_index, 'hex')
      AND k.id = e.household_id AND k.province_id = run.scope_id;

  INSERT INTO registry_provenance (household_id, person_id, way, reference, source, "row", fields, digests, by)
    SELECT v.household, v.person, 'import', of_run, s.name, v."row", v.fields, decode(v.digests, 'hex'), me
    FROM jsonb_to_recordset(batch -> 'provenance') AS v(household uuid, person uuid, "row" int, fields text[], digests text)
    JOIN registry_household k ON k.id = v.household AND k.province_id = run.scope_id
    JOIN imports_source s ON s.id = run.source_id;
  INSERT INTO registry_question (id, household_id, person_id, field, asked, digest, run_id, source, "row", answer)
    SELECT a.id, a.household, a.person, a.field, decode(a.asked, 'hex'), decode(a.digest, 'hex'), of_run, s.name, a."row", ''
    FROM jsonb_to_recordset(batch -> 'questions') AS a(id uuid, household uuid, person uuid, field text, asked text,
      digest text, "row" int)
    JOIN registry_household k ON k.id = a.household AND k.province_id = run.scope_id
    JOIN imports_source s ON s.id = run.source_id
    ON CONFLICT DO NOTHING;

  INSERT INTO audit_entry (action, actor_id, role, scope_id, purpose, subject, subject_id, household_id, details)
    SELECT 'household.imported', me, working.role, run.scope_id, working.purpose, 'registry.household', v.household::text,
           v.household, jsonb_build_object('run', of_run, 'rows', count(*))
    FROM jsonb_to_recordset(batch -> 'provenance') AS v(household uuid)
    JOIN registry_household k ON k.id = v.household AND k.province_id = run.scope_id
    GROUP BY v.household ORDER BY v.household;

  -- A register that comes in grows from nothing within seconds. Plans made while the tables were empty, when any index
  -- is as good as any other, hold until the planner learns of the rows; by itself it may do so only at the end.
  IF (SELECT c.reltuples < 1000 FROM pg_class c WHERE c.oid = 'public.registry_household'::regclass) THEN
    ANALYZE registry_household (id, province_id, code_index), registry_person (id, household_id, relation, position),
      registry_persondocument (person_id, household_id, kind, number_index), registry_provenance (household_id, person_id);
  END IF;
END $$;

-- Both lists of search keys as one, in the year of the birth date that is right by now.
CREATE OR REPLACE FUNCTION guard.joined_keys(one int[], other int[], born date) RETURNS int[] LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT array_agg(DISTINCT (guard.jalali_year(born) - 1200) * 2000000 + key % 2000000)
  FROM unnest(one || coalesce(other, '{{}}')) AS key
$$;

GRANT EXECUTE ON FUNCTION guard.match_staged(uuid, int, int), guard.sources_of(uuid, uuid[], uuid[]),
  guard.document_indexes_of(uuid, uuid[]), guard.write_imported(uuid, jsonb) TO {app_role()};
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0007_arrivals"), ("imports", "0001_initial")]
    operations = [migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop)]
