-- What Trino has and DuckDB has not, or has otherwise. One statement ends where a line ends in a semicolon.

-- JSON: text that is no JSON gives NULL, as does what is not there.
CREATE MACRO cairn_json(j) AS TRY_CAST(CAST(j AS VARCHAR) AS JSON);

CREATE MACRO cairn_json_extract(j, p) AS json_extract(cairn_json(j), p);

CREATE MACRO cairn_json_extract_scalar(j, p) AS
    CASE WHEN json_type(cairn_json(j), p) NOT IN ('OBJECT', 'ARRAY')
        THEN json_extract_string(cairn_json(j), p) END;

CREATE MACRO cairn_json_size(j, p) AS
    CASE json_type(cairn_json(j), p)
        WHEN 'ARRAY' THEN CAST(json_array_length(cairn_json(j), p) AS BIGINT)
        WHEN 'OBJECT' THEN CAST(len(json_keys(cairn_json(j), p)) AS BIGINT)
        ELSE CASE WHEN json_type(cairn_json(j), p) IS NOT NULL THEN 0 END END;

CREATE MACRO cairn_json_array_get(j, n) AS
    CASE WHEN json_type(cairn_json(j)) = 'ARRAY' THEN json_extract(cairn_json(j), CAST(n AS BIGINT)) END;

CREATE MACRO cairn_json_array_length(j) AS
    CASE WHEN json_type(cairn_json(j)) = 'ARRAY' THEN CAST(json_array_length(cairn_json(j)) AS BIGINT) END;

CREATE MACRO cairn_json_array_contains(j, v) AS
    CASE WHEN json_type(cairn_json(j)) = 'ARRAY'
        THEN list_contains(from_json(cairn_json(j), '["JSON"]'), to_json(v)) END;

CREATE MACRO cairn_is_json_scalar(j) AS json_type(cairn_json(j)) NOT IN ('OBJECT', 'ARRAY');

-- A JSON text is what it says, anything else is written.
CREATE MACRO cairn_as_text(x) AS
    CASE WHEN typeof(x) = 'JSON' THEN json_extract_string(to_json(x), '$') ELSE CAST(x AS VARCHAR) END;

-- Trino's greatest and least are NULL when one of their arguments is.
CREATE MACRO cairn_of_all(all_of_them, x) AS
    CASE WHEN len(list_filter(all_of_them, lambda e: e IS NULL)) = 0 THEN x END;

-- Times: TIMESTAMP is UTC here, so the zone's wall clock is a way over the moment.
CREATE MACRO cairn_at_zone(x, z) AS timezone(z, CAST(x AS TIMESTAMPTZ));

CREATE MACRO cairn_to_iso8601(x) AS
    CASE typeof(x)
        WHEN 'DATE' THEN strftime(CAST(x AS TIMESTAMP), '%Y-%m-%d')
        WHEN 'TIMESTAMP WITH TIME ZONE' THEN strftime(CAST(x AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%g') || 'Z'
        ELSE strftime(CAST(x AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%g') END;

CREATE MACRO cairn_regexp_extract(s, p, g) AS
    CASE WHEN regexp_matches(s, p) THEN regexp_extract(s, p, g) END;

CREATE MACRO cairn_url_protocol(u) AS nullif(regexp_extract(u, '^([A-Za-z][A-Za-z0-9+.-]*):', 1), '');

CREATE MACRO cairn_url_host(u) AS
    nullif(regexp_extract(u, '^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)', 1), '');

CREATE MACRO cairn_url_path(u) AS
    regexp_extract(u, '^(?:[A-Za-z][A-Za-z0-9+.-]*:)?(?://[^/?#]*)?([^?#]*)', 1);

CREATE MACRO cairn_url_query(u) AS nullif(regexp_extract(u, '^[^?#]*\?([^#]*)', 1), '');

-- As a form is written, which Trino's is.
CREATE MACRO cairn_url_encode(u) AS
    replace(replace(replace(url_encode(u), '%20', '+'), '%2A', '*'), '~', '%7E');

-- Each once, NULL too; of short lists in their order, which Trino promises of none. The list is bound by a lambda: a
-- macro's argument is written wherever it is named, and worked out there.
CREATE MACRO cairn_distinct(l) AS list_transform([l], lambda m:
    CASE WHEN m IS NULL THEN NULL
        WHEN len(m) <= 1000 THEN list_filter(m, lambda e, i: list_position(m, e) = i)
        ELSE list_concat(list_distinct(m), list_filter(m, lambda e: e IS NULL)[1:1]) END)[1];

-- What the first has and the second has not.
CREATE MACRO cairn_without(x, y) AS list_transform([{'x': x, 'y': y}], lambda p:
    CASE WHEN struct_extract(p, 'x') IS NOT NULL AND struct_extract(p, 'y') IS NOT NULL
        THEN list_filter(struct_extract(p, 'x'), lambda e: list_position(struct_extract(p, 'y'), e) IS NULL) END)[1];
