-- SPDX-License-Identifier: Apache-2.0
-- The contacts that a text means, the best first, at most `most` of them. `steps` are the ways to
-- look, in their order; each adds what the earlier ones have not found, until there are enough.
--
--   begins  a name, the company or the e-mail address begins with `phrase`
--   host    what follows the @ of the e-mail address begins with `host`
--   words   each of `words` begins a word         inside  each of `words` stands anywhere
--   alike   a word for each regular expression of `words`
--   both    each of `words` but `digits` stands anywhere, and a number holds `digits`
--   number  a number begins with one of `beginnings`
--   ending  a number ends with `digits`           digits  a number holds `digits`
--   value_begins, value_inside  the same in the values of searchable fields
--
-- `phrase` is folded as sort keys are. `words` are as `rubrica_search_key` has them; the first two
-- are looked up in the index, so they are the longest ones. Who is found by them has an e-mail address
-- like `address`.
CREATE FUNCTION rubrica_search_contacts(
  steps text[], phrase text, host text, words text[], address text, beginnings text[], digits text,
  figure float8, day date,
  agent bigint, inside_list bigint, campaign bigint, most integer
) RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = {schema}, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
AS $function$
DECLARE
  tenant bigint := rubrica_tenant();
  agents_lists bigint[];  -- NULL: everybody's contacts are in reach
  agents_campaigns bigint[];
  few bigint[];  -- all that are in reach, where these are few
  near bigint[];  -- these, or those in reach that the index has not yet
  is_most boolean;  -- the centre's contacts are the most of all
  fields bigint[];
  found bigint[] := '{}';
  part bigint[];
  likes text[];
  ending text;
  step text;
  begun text[];
  held text[];
  many_begun integer;  -- of 200 contacts
  many_held integer;
  many integer;
  walk integer;
BEGIN
{bound}
  FOREACH step IN ARRAY steps LOOP
    EXIT WHEN cardinality(found) >= most;
    IF step LIKE 'value%' AND fields IS NULL THEN
      fields := ARRAY(SELECT f.id FROM master_data_fields f
                      WHERE f.tenant_id = tenant AND f.is_searchable);
    END IF;
    part := '{}';
    CASE
    WHEN step = 'begins' AND few IS NOT NULL THEN
      part := ARRAY(
        SELECT c.id FROM contacts c
        WHERE c.id = ANY (few) AND c.tenant_id = tenant AND (
          starts_with(c.name_key, phrase) OR starts_with(c.given_key, phrase)
          OR starts_with(c.company_key, phrase) OR starts_with(c.email, phrase))
        ORDER BY c.name_key);
    WHEN step = 'begins' THEN
      part := ARRAY(
        SELECT hit.id FROM (
          {first(c.id of contacts c by c.name_key from phrase to chr(1114111))}
          UNION ALL
          {first(c.id of contacts c by c.given_key from phrase to chr(1114111))}
          UNION ALL
          {first(c.id of contacts c by c.email from phrase to chr(1114111))}
          UNION ALL
          {first(c.id of contacts c by c.company_key from phrase to chr(1114111))}
        ) hit ORDER BY hit.place);
    WHEN step = 'host' AND few IS NOT NULL THEN
      part := ARRAY(
        SELECT c.id FROM contacts c
        WHERE c.id = ANY (few) AND c.tenant_id = tenant AND starts_with({host(c)}, host)
        ORDER BY c.name_key);
    WHEN step = 'host' THEN
      part := ARRAY(
        SELECT hit.id FROM (
          {first(c.id of contacts c by {host(c)} from host to chr(1114111))}
        ) hit ORDER BY hit.place);
    WHEN step = 'number' AND few IS NOT NULL THEN
      part := ARRAY(
        SELECT c.id FROM contacts c
        WHERE c.id = ANY (few) AND c.tenant_id = tenant AND (c.phone ^@ ANY (beginnings)
          OR EXISTS (SELECT FROM additional_phones p
                     WHERE p.contact_id = c.id AND p.number ^@ ANY (beginnings)))
        ORDER BY c.name_key);
    WHEN step = 'number' THEN
      part := ARRAY(
        SELECT hit.id FROM unnest(beginnings) AS b (beginning), LATERAL (
          {first(c.id of contacts c by c.phone from b.beginning to ':')}
          UNION ALL
          {first(c.contact_id of additional_phones c by c.number from b.beginning to ':')}
        ) hit ORDER BY hit.place);
    WHEN step IN ('ending', 'digits') THEN
      ending := '%' || digits || CASE step WHEN 'digits' THEN '%' ELSE '' END;
      part := ARRAY(
        SELECT c.id FROM contacts c
        WHERE c.id = ANY (near) AND c.tenant_id = tenant AND (c.phone LIKE ending
          OR EXISTS (SELECT FROM additional_phones p
                     WHERE p.contact_id = c.id AND p.number LIKE ending))
        ORDER BY c.name_key);
      IF few IS NOT NULL THEN
        NULL;
      ELSIF length(digits) < 4 AND step = 'digits' THEN  -- a thousand such fragments: many each
        part := part || ARRAY(
          (SELECT c.id FROM (
             SELECT c.id, c.phone FROM contacts c
             WHERE c.tenant_id = tenant ORDER BY c.id DESC LIMIT 20000
           ) c WHERE c.phone LIKE ending AND {reach(c.id)} LIMIT most + cardinality(found))
          UNION ALL
          (SELECT p.contact_id FROM (
             SELECT p.contact_id, p.number FROM additional_phones p
             WHERE p.tenant_id = tenant ORDER BY p.id DESC LIMIT 20000
           ) p WHERE p.number LIKE ending AND {reach(p.contact_id)} LIMIT most + cardinality(found)));
      ELSE
        ending := ending || CASE step WHEN 'ending' THEN ' %' ELSE '' END;
        {either}
        part := part || ARRAY(
          WITH hit AS MATERIALIZED (
            SELECT s.contact_id AS id FROM contact_search s
            WHERE {mine(s)} AND s.numbers LIKE ending
          )
          {reached(hit)});
        {end}
      END IF;
    WHEN step IN ('words', 'inside') THEN
      begun := ARRAY(SELECT '% ' || w || '%' FROM unnest(words) AS u (w));
      held := ARRAY(SELECT '%' || w || '%' FROM unnest(words) AS u (w));
      likes := CASE step WHEN 'words' THEN begun ELSE held END;
      part := ARRAY(
        SELECT c.id FROM contacts c
        WHERE c.id = ANY (near) AND c.tenant_id = tenant AND {key(c)} LIKE ALL (likes)
          AND c.email LIKE address
        ORDER BY c.name_key);
      IF few IS NULL AND many_held IS NULL THEN
        SELECT count(*) FILTER (WHERE {key(c)} LIKE ALL (begun)), count(*) INTO many_begun, many_held
        FROM (SELECT min(c.id) AS low, max(c.id) AS high FROM contacts c WHERE c.tenant_id = tenant) ids,
        generate_series(0, 19) AS g, LATERAL (
          SELECT c.name_key, c.email, c.company_key FROM contacts c
          WHERE c.tenant_id = tenant AND c.id >= ids.low + (ids.high - ids.low) * g / 20
          ORDER BY c.id LIMIT 10
        ) c WHERE {key(c)} LIKE ALL (held);
      END IF;
      -- What many contacts have is found by walking through them: the index would list a hundred
      -- thousand first. And what begins few words but stands in many would be a list of the latter.
      many := CASE step WHEN 'words' THEN many_begun ELSE many_held END;
      IF 2 * many ^ 2 > most THEN
        walk := 4 * 200 * most / many;
      ELSE
        walk := CASE WHEN 2 * many_held ^ 2 > most THEN 2000 END;
      END IF;
      IF walk IS NOT NULL THEN
        part := part || ARRAY(
          SELECT c.id FROM (
            SELECT c.id, c.name_key, c.email, c.company_key FROM contacts c
            WHERE c.tenant_id = tenant ORDER BY c.id DESC LIMIT walk
          ) c WHERE {key(c)} LIKE ALL (likes) AND c.email LIKE address AND {reach(c.id)}
          LIMIT most + cardinality(found));
      END IF;
      IF few IS NOT NULL OR walk IS NOT NULL AND (step = 'words' OR cardinality(part) >= most) THEN
        NULL;  -- all, or enough, or the next step goes on
      ELSIF cardinality(likes) = 1 THEN
        {either}
        part := part || ARRAY(
          WITH hit AS MATERIALIZED (
            SELECT s.contact_id AS id FROM contact_search s
            WHERE {mine(s)} AND s.key LIKE likes[1] AND {address(s)}
          )
          {reached(hit)});
        {end}
      ELSE
        {either}
        part := part || ARRAY(
          WITH hit AS MATERIALIZED (
            SELECT s.contact_id AS id FROM contact_search s
            WHERE {mine(s)} AND s.key LIKE likes[1] AND s.key LIKE likes[2]
              AND s.key LIKE ALL (likes[3:]) AND {address(s)}
          )
          {reached(hit)});
        {end}
      END IF;
    WHEN step = 'both' THEN
      held := ARRAY(SELECT '%' || w || '%' FROM unnest(words) AS u (w) WHERE w <> digits);
      ending := '%' || digits || '%';
      part := ARRAY(
        SELECT c.id FROM contacts c
        WHERE c.id = ANY (near) AND c.tenant_id = tenant AND {key(c)} LIKE ALL (held)
          AND (c.phone LIKE ending OR EXISTS (SELECT FROM additional_phones p
                                              WHERE p.contact_id = c.id AND p.number LIKE ending))
        ORDER BY c.name_key);
      IF few IS NULL THEN
        {either}
        part := part || ARRAY(
          WITH hit AS MATERIALIZED (
            SELECT s.contact_id AS id FROM contact_search s
            WHERE {mine(s)} AND s.numbers LIKE ending AND s.key LIKE held[1]
              AND s.key LIKE ALL (held[2:])
          )
          {reached(hit)});
        {end}
      END IF;
    WHEN step = 'alike' THEN
      part := ARRAY(
        SELECT c.id FROM contacts c
        WHERE c.id = ANY (near) AND c.tenant_id = tenant AND {key(c)} ~ ALL (words)
        ORDER BY c.name_key);
      IF few IS NULL THEN
        {either}
        part := part || ARRAY(
          WITH hit AS MATERIALIZED (
            SELECT s.contact_id AS id FROM contact_search s
            WHERE {mine(s)} AND s.key ~ words[1] AND s.key ~ ALL (words[2:])
          )
          {reached(hit)});
        {end}
      END IF;
    WHEN step = 'value_begins' THEN
      part := ARRAY(
        SELECT hit.id FROM unnest(fields) AS f (id),
        unnest(beginnings || phrase) AS b (beginning), LATERAL (
          SELECT x.id, row_number() OVER () AS place FROM (
            SELECT v.contact_id AS id, v.campaign_id FROM field_values v
            WHERE v.tenant_id = tenant AND v.field_id = f.id
              AND v.text_key >= b.beginning AND v.text_key < b.beginning || chr(1114111)
            ORDER BY v.text_key LIMIT 20000
          ) x WHERE {reach(x.id)} AND {shown(x)} LIMIT most
        ) hit ORDER BY hit.place);
      IF figure IS NOT NULL THEN
        part := part || ARRAY(
          SELECT x.contact_id FROM unnest(fields) AS f (id), LATERAL (
            SELECT v.contact_id, v.campaign_id FROM field_values v
            WHERE v.tenant_id = tenant AND v.field_id = f.id AND v.number_value = figure
          ) x WHERE {reach(x.contact_id)} AND {shown(x)} LIMIT most);
      END IF;
      IF day IS NOT NULL THEN
        part := part || ARRAY(
          SELECT x.contact_id FROM unnest(fields) AS f (id), LATERAL (
            SELECT v.contact_id, v.campaign_id FROM field_values v
            WHERE v.tenant_id = tenant AND v.field_id = f.id AND v.date_value = day
          ) x WHERE {reach(x.contact_id)} AND {shown(x)} LIMIT most);
      END IF;
    WHEN step = 'value_inside' THEN
      likes := ARRAY(SELECT '%' || w || '%' FROM unnest(words) AS u (w));
      part := ARRAY(
        SELECT hit.id FROM unnest(fields) AS f (id), LATERAL (
          WITH values_like AS MATERIALIZED (
            SELECT v.contact_id, v.campaign_id FROM field_values v
            WHERE v.field_id = f.id AND rubrica_search_key(v.text_key) LIKE likes[1]
              AND rubrica_search_key(v.text_key) LIKE ALL (likes[2:]) AND v.text_key IS NOT NULL
          )
          SELECT x.contact_id AS id FROM (SELECT * FROM values_like LIMIT 20000) x
          WHERE {reach(x.contact_id)} AND {shown(x)} LIMIT most
        ) hit);
    END CASE;
    found := ARRAY(
      SELECT u.id FROM unnest(found || part) WITH ORDINALITY AS u (id, place)
      GROUP BY u.id ORDER BY min(u.place) LIMIT most);
  END LOOP;
  RETURN found;
END $function$;
