-- SPDX-License-Identifier: Apache-2.0
-- The numbers that a text means, the best first, at most `most` of them: whose they are, and the
-- key of the additional phone, NULL for the primary one. As `rubrica_search_contacts` has it.
CREATE FUNCTION rubrica_search_phones(
  steps text[], beginnings text[], digits text,
  agent bigint, inside_list bigint, campaign bigint, most integer
) RETURNS TABLE (contact_id bigint, phone_id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = {schema}, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
AS $function$
#variable_conflict use_column
DECLARE
  tenant bigint := rubrica_tenant();
  agents_lists bigint[];  -- NULL: everybody's contacts are in reach
  agents_campaigns bigint[];
  few bigint[];
  near bigint[];
  is_most boolean;
  places text[] := '{}';  -- contact and phone of what was found, to leave out what comes again
  part text[];
  ending text;
  step text;
BEGIN
{bound}
  FOREACH step IN ARRAY steps LOOP
    EXIT WHEN cardinality(places) >= most;
    ending := CASE step WHEN 'ending' THEN '%' || digits WHEN 'digits' THEN '%' || digits || '%' END;
    IF few IS NOT NULL OR step <> 'number' THEN
      part := ARRAY(
        SELECT n.contact_id || ' ' || n.phone_id FROM (
          SELECT c.id AS contact_id, 0 AS phone_id, c.phone AS number FROM contacts c
          WHERE c.id = ANY (near) AND c.tenant_id = tenant
          UNION ALL
          SELECT p.contact_id, p.id, p.number FROM additional_phones p
          WHERE p.contact_id = ANY (near) AND p.tenant_id = tenant
        ) n
        WHERE CASE step WHEN 'number' THEN n.number ^@ ANY (beginnings)
              ELSE n.number LIKE ending END
        ORDER BY n.number);
    END IF;
    IF few IS NOT NULL THEN
      NULL;
    ELSIF step = 'number' THEN
      part := ARRAY(
        SELECT hit.id || ' ' || hit.phone_id FROM unnest(beginnings) AS b (beginning), LATERAL (
          (SELECT x.id, 0 AS phone_id FROM (
             SELECT c.id FROM contacts c
             WHERE c.tenant_id = tenant
               AND c.phone >= b.beginning AND c.phone < b.beginning || ':'
             ORDER BY c.phone LIMIT 20000) x WHERE {reach(x.id)} LIMIT most)
          UNION ALL
          (SELECT x.id, x.phone_id FROM (
             SELECT p.contact_id AS id, p.id AS phone_id FROM additional_phones p
             WHERE p.tenant_id = tenant
               AND p.number >= b.beginning AND p.number < b.beginning || ':'
             ORDER BY p.number LIMIT 20000) x WHERE {reach(x.id)} LIMIT most)
        ) hit);
    ELSE
      {either}
      part := part || ARRAY(
        WITH hit AS MATERIALIZED (
          SELECT s.contact_id AS id FROM contact_search s
          WHERE {mine(s)}
            AND s.numbers LIKE ending || CASE step WHEN 'ending' THEN ' %' ELSE '' END
        )
        SELECT n.place FROM (SELECT id FROM hit LIMIT 20000) x, LATERAL (
          SELECT x.id || ' 0' AS place FROM contacts c WHERE c.id = x.id AND c.phone LIKE ending
          UNION ALL
          SELECT x.id || ' ' || p.id FROM additional_phones p
          WHERE p.contact_id = x.id AND p.number LIKE ending
        ) n WHERE {reach(x.id)} LIMIT most + cardinality(places));
      {end}
    END IF;
    places := ARRAY(
      SELECT u.place FROM unnest(places || part) WITH ORDINALITY AS u (place, turn)
      GROUP BY u.place ORDER BY min(u.turn) LIMIT most);
  END LOOP;
  RETURN QUERY
    SELECT split_part(u.place, ' ', 1)::bigint, nullif(split_part(u.place, ' ', 2), '0')::bigint
    FROM unnest(places) AS u (place);
END $function$;
