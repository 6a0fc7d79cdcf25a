-- # The newest lines
SELECT time, level, target, msg FROM log_entries ORDER BY time DESC LIMIT 50;
-- # Errors of one program
SELECT time, exe, msg FROM log_entries WHERE level <= 2 AND exe LIKE '%match%' ORDER BY time DESC LIMIT 20
-- # Either of two conditions
SELECT time, msg FROM log_entries WHERE level = 1 OR target = 'ember::net' ORDER BY time LIMIT 20
-- # A search without regard to case
SELECT time, msg FROM log_entries WHERE msg ILIKE '%timeout%' OR msg ILIKE '%failed%' LIMIT 20
-- # A regular expression
SELECT msg FROM log_entries WHERE msg ~ '[0-9]+ ms' LIMIT 20
-- # A regular expression that must not match
SELECT count(*) AS n FROM log_entries WHERE msg !~ 'player'
-- # Lines per level
SELECT level, count(*) AS lines FROM log_entries GROUP BY level ORDER BY level
-- # Lines per program and level, if there are more than ten
SELECT exe, level, count(*) AS lines FROM log_entries GROUP BY exe, level HAVING count(*) > 10 ORDER BY lines DESC
-- # Names of levels
SELECT CASE level WHEN 1 THEN 'Fatal' WHEN 2 THEN 'Error' WHEN 3 THEN 'Warn' ELSE 'Other' END AS name, count(*) AS n
FROM log_entries GROUP BY 1 ORDER BY 1
-- # Errors over time
SELECT date_bin(interval '1 minute', time) AS time, count(*) AS errors FROM log_entries WHERE level <= 2 GROUP BY 1 ORDER BY 1
-- # Errors over time, per program
SELECT date_bin(interval '5 minutes', time) AS time, exe, count(*) AS errors
FROM log_entries
WHERE level <= 2 -- errors and worse
GROUP BY 1, 2
ORDER BY 1, 2
-- # Distinct targets
SELECT DISTINCT target FROM log_entries ORDER BY target
-- # The newest line of each program
SELECT exe, max(time) AS last_seen FROM log_entries GROUP BY exe ORDER BY exe
-- # Lines of one process, through its view
SELECT time, level, msg FROM view_instance('log_entries', '$log_process') ORDER BY time LIMIT 20
-- # Lines with a property
SELECT time, msg, property_get(properties, 'region') AS region FROM log_entries WHERE property_get(properties, 'region') IS NOT NULL LIMIT 20
-- # Lines of a process with a certain version
SELECT count(*) AS n FROM log_entries WHERE property_get(process_properties, 'version') IS NOT NULL
-- # The length of messages
SELECT target, avg(length(msg)) AS average, max(length(msg)) AS longest FROM log_entries GROUP BY target ORDER BY target
-- # Counts per minute from the statistics
SELECT time_bin AS time, sum(count) AS lines FROM log_stats WHERE level <= 3 GROUP BY 1 ORDER BY 1
-- # Statistics joined with processes
SELECT p.exe, sum(s.count) AS lines FROM log_stats s JOIN processes p ON p.process_id = s.process_id GROUP BY p.exe ORDER BY p.exe
-- # Explain
EXPLAIN SELECT count(*) FROM log_entries WHERE level = 2
