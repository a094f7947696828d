((agents_lists IS NULL OR coalesce(
    (SELECT true FROM list_members m
     WHERE m.contact_id = {id} AND m.list_id = ANY (agents_lists) LIMIT 1),
    (SELECT true FROM hopper_entries e
     WHERE e.contact_id = {id} AND e.campaign_id = ANY (agents_campaigns) LIMIT 1)))
 AND (inside_list IS NULL OR (
    SELECT true FROM list_members m
    WHERE m.contact_id = {id} AND m.list_id = inside_list AND m.tenant_id = tenant LIMIT 1))
 AND (campaign IS NULL OR coalesce(
    (SELECT true FROM hopper_entries e
     WHERE e.contact_id = {id} AND e.campaign_id = campaign AND e.tenant_id = tenant LIMIT 1),
    (SELECT true FROM final_results r
     WHERE r.contact_id = {id} AND r.campaign_id = campaign AND r.tenant_id = tenant LIMIT 1))))
