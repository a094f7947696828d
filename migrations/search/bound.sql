  IF tenant IS NULL OR most < 1 THEN RETURN{nothing}; END IF;
  IF agent IS NOT NULL THEN
    agents_campaigns := ARRAY(SELECT a.campaign_id FROM campaign_agents a
                              WHERE a.user_id = agent AND a.tenant_id = tenant);
    agents_lists := ARRAY(
      SELECT l.list_id FROM list_agents l WHERE l.user_id = agent AND l.tenant_id = tenant
      UNION SELECT l.list_id FROM campaign_lists l WHERE l.campaign_id = ANY (agents_campaigns));
    IF agents_lists || agents_campaigns = '{}'
      OR campaign IS NOT NULL AND campaign <> ALL (agents_campaigns) THEN
      RETURN{nothing};
    END IF;
  END IF;
  IF inside_list IS NOT NULL THEN
    few := ARRAY(SELECT m.contact_id FROM list_members m
                 WHERE m.list_id = inside_list AND m.tenant_id = tenant LIMIT 1001);
  ELSIF campaign IS NOT NULL THEN
    few := ARRAY(SELECT e.contact_id FROM hopper_entries e
                 WHERE e.campaign_id = campaign AND e.tenant_id = tenant LIMIT 1001)
        || ARRAY(SELECT r.contact_id FROM final_results r
                 WHERE r.campaign_id = campaign AND r.tenant_id = tenant LIMIT 1001);
  END IF;
  IF agent IS NOT NULL AND coalesce(cardinality(few) > 1000, true) THEN
    few := ARRAY(SELECT m.contact_id FROM list_members m
                 WHERE m.list_id = ANY (agents_lists) LIMIT 1001)
        || ARRAY(SELECT e.contact_id FROM hopper_entries e
                 WHERE e.campaign_id = ANY (agents_campaigns) LIMIT 1001);
  END IF;
  few := CASE WHEN cardinality(few) <= 1000 THEN ARRAY(
    SELECT DISTINCT x.id FROM unnest(few) AS x (id) WHERE {reach(x.id)}) END;
  -- The index begins with the tenant: a help to a small centre among large ones, but a burden to
  -- one that has most of the rows. So sixteen rows tell which it is.
  SELECT count(*) >= 8 INTO is_most
  FROM (SELECT min(c.id) AS low, max(c.id) AS high FROM contacts c) ids, generate_series(0, 15) AS g,
  LATERAL (
    SELECT c.tenant_id FROM contacts c
    WHERE c.id >= ids.low + (ids.high - ids.low) * g / 16 ORDER BY c.id LIMIT 1
  ) x WHERE x.tenant_id = tenant;
  -- What an import brought a moment ago is looked through, until the index has it.
  near := coalesce(few, ARRAY(
    SELECT DISTINCT c.id
    FROM search_backlog b,
    LATERAL (SELECT c.id FROM contacts c
             WHERE c.id BETWEEN b.first_id AND b.last_id AND c.tenant_id + 0 = tenant) c
    WHERE b.tenant_id = tenant AND {reach(c.id)} LIMIT 50000));
