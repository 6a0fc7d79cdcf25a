/** Value of the column `target` in audit records, the server's log entries about queries. */
export const AUDIT_TARGET = 'flightsql_query_audit';
