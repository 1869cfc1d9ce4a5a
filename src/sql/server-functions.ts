/** Reads files, ends sessions, reaches other servers, or sleeps with locks in hand. */
const dangerous =
  /^(pg_read_(binary_)?file|pg_ls_.*|pg_stat_file|pg_file_.*|pg_(terminate|cancel)_backend|pg_reload_conf|pg_rotate_logfile|pg_switch_wal|pg_promote|pg_wal_replay_.*|pg_(try_)?advisory_.*|pg_sleep.*|pg_create_.*slot|pg_drop_replication_slot|lo_(import|export)|dblink.*|query_to_xml.*|table_to_xml.*|database_to_xml.*)$/;

export const isDangerousFunction = (name: string): boolean => dangerous.test(name);

/** Whether a function acts on the server or the session; rules of their own are about those. */
export const isServerFunction = (name: string): boolean => isDangerousFunction(name) || name === 'set_config';
