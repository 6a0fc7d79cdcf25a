-- # A CTE
WITH errors AS (SELECT exe, time FROM log_entries WHERE level <= 2) SELECT exe, count(*) AS n FROM errors GROUP BY exe ORDER BY exe
-- # A chain of CTEs
WITH a AS (SELECT exe, level FROM log_entries), b AS (SELECT exe AS program, count(*) AS n FROM a WHERE level < 4 GROUP BY 1) SELECT program, n FROM b ORDER BY n DESC, program
-- # CTEs that are joined
WITH l AS (SELECT process_id, count(*) AS lines FROM log_entries GROUP BY 1), m AS (SELECT process_id, count(*) AS samples FROM measures GROUP BY 1)
SELECT coalesce(l.process_id, m.process_id) AS process_id, lines, samples FROM l FULL OUTER JOIN m ON l.process_id = m.process_id ORDER BY 1
-- # Names for the columns of a CTE
WITH t (program, lines) AS (SELECT exe, count(*) FROM log_entries GROUP BY exe) SELECT program FROM t WHERE lines > 1 ORDER BY program
-- # A subquery with an alias
SELECT s.exe, s.n FROM (SELECT exe, count(*) AS n FROM measures GROUP BY exe) AS s WHERE s.n > 0 ORDER BY s.exe
-- # A union of two tables
SELECT time, exe, 'log' AS kind FROM log_entries UNION ALL SELECT time, exe, 'measure' FROM measures ORDER BY time DESC, exe, kind LIMIT 30
-- # A union in parentheses
(SELECT exe FROM log_entries ORDER BY time LIMIT 5) UNION (SELECT exe FROM measures ORDER BY time LIMIT 5) ORDER BY 1
-- # Except and intersect
SELECT exe FROM processes EXCEPT SELECT exe FROM log_entries INTERSECT SELECT exe FROM measures
-- # A scalar subquery in the list
SELECT exe, count(*) AS n, (SELECT count(*) FROM log_entries) AS total FROM log_entries GROUP BY exe ORDER BY exe
-- # A subquery in FROM and another in WHERE
SELECT count(*) AS n FROM (SELECT * FROM log_entries WHERE level < 5) x WHERE x.process_id IN (SELECT process_id FROM processes WHERE exe LIKE 'ember%')
-- # A list of values
SELECT v.n, v.label FROM (VALUES (1, 'Fatal'), (2, 'Error')) AS v (n, label) ORDER BY v.n
-- # Levels joined with a list of values
SELECT v.label, count(*) AS n FROM log_entries l JOIN (VALUES (1, 'Fatal'), (2, 'Error'), (3, 'Warn')) AS v (level, label) ON v.level = l.level GROUP BY v.label ORDER BY v.label
-- # Comments and odd layout
SELECT /* columns */ exe -- the program
  , count(*)AS n
FROM/* the table */log_entries/* alias */l
WHERE/* all of */ (l.level<=4)/* and nothing else */
GROUP BY exe/* end */ORDER BY exe
-- # Words of clauses in texts and names
SELECT 'FROM x WHERE y' AS "from", msg AS "where" FROM log_entries WHERE msg <> 'GROUP BY' AND 'ORDER' = 'ORDER' ORDER BY time, msg LIMIT 5
-- # IS DISTINCT FROM, and EXTRACT
SELECT extract(hour FROM time) AS hour, count(*) AS n FROM log_entries WHERE (level IS DISTINCT FROM 6) AND (exe IS NOT DISTINCT FROM exe) GROUP BY 1 ORDER BY 1
-- # BETWEEN and IN
SELECT count(*) AS n FROM log_entries WHERE level BETWEEN 2 AND 4 AND time BETWEEN now() - interval '2 hours' AND now() AND exe IN ('ember/matchmaker', 'ember/web-gateway')
-- # Truncated times
SELECT date_trunc('hour', time) AS time, count(*) AS n FROM log_entries GROUP BY 1 ORDER BY 1
-- # Literals with quotes and other languages
SELECT count(*) AS n FROM log_entries WHERE msg NOT IN ('it''s', '😀', 'größer', '--', '/*')
-- # An offset
SELECT exe FROM processes ORDER BY exe, process_id LIMIT 3 OFFSET 1
-- # Arrays
SELECT exe, array_agg(DISTINCT level ORDER BY level) AS levels FROM log_entries GROUP BY exe ORDER BY exe
-- # A cross join
SELECT count(*) AS n FROM (SELECT DISTINCT level FROM log_entries) a CROSS JOIN (SELECT DISTINCT target FROM log_entries) b
-- # Comma between tables
SELECT count(*) AS n FROM streams s, processes p WHERE s.process_id = p.process_id
