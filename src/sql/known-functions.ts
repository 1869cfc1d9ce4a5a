import { isServerFunction } from './server-functions';

/** Functions of PostgreSQL that compute and change nothing but a sequence; whatever else is called hides what it does. */
export const knownFunctions: ReadonlySet<string> = new Set(
  `
  abs acos age area array_agg array_append array_cat array_dims array_fill array_length array_lower array_ndims
  array_position array_positions array_prepend array_remove array_replace array_reverse array_sort array_to_json
  array_to_string array_to_tsvector array_upper ascii asin atan atan2 avg bit_and bit_count bit_length bit_or bit_xor
  bool_and bool_or btrim cardinality casefold cbrt ceil ceiling center char_length character_length chr clock_timestamp
  col_description concat concat_ws convert convert_from convert_to corr cos cosh cot count covar_pop covar_samp crc32
  crc32c cume_dist current_database current_schema current_schemas current_setting currval date date_add date_bin
  date_part date_subtract date_trunc decode degrees dense_rank diameter div encode enum_first enum_last enum_range erf
  every exp extract factorial family first_value float4 float8 floor format format_type gamma gcd gen_random_uuid
  generate_series generate_subscripts get_bit get_byte hashtext height host hostmask initcap int2 int4 int8 isempty
  isfinite json_agg json_array_elements json_array_elements_text json_array_length json_build_array json_build_object
  json_each json_each_text json_extract_path json_extract_path_text json_object json_object_agg json_object_keys
  json_populate_record json_populate_recordset json_strip_nulls json_to_record json_to_recordset json_typeof jsonb_agg
  jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array jsonb_build_object jsonb_each
  jsonb_each_text jsonb_extract_path jsonb_extract_path_text jsonb_insert jsonb_object jsonb_object_agg
  jsonb_object_keys jsonb_path_exists jsonb_path_match jsonb_path_query jsonb_path_query_array jsonb_path_query_first
  jsonb_populate_record jsonb_populate_recordset jsonb_pretty jsonb_set jsonb_set_lax jsonb_strip_nulls
  jsonb_to_record jsonb_to_recordset jsonb_typeof justify_days justify_hours justify_interval lag last_value lastval
  lcm lead left length like_escape ln log log10 lower lower_inc lower_inf lpad ltrim make_date make_interval make_time
  make_timestamp make_timestamptz masklen max md5 min min_scale mod mode netmask network nextval normalize now
  nth_value ntile num_nonnulls num_nulls numeric obj_description octet_length overlaps overlay parse_ident percent_rank
  percentile_cont percentile_disc pg_get_serial_sequence pg_notify pg_size_pretty pg_typeof phraseto_tsquery pi
  plainto_tsquery position pow power quote_ident quote_literal quote_nullable radians random range_agg range_merge rank
  regexp_count regexp_instr regexp_like regexp_match regexp_matches regexp_replace regexp_split_to_array
  regexp_split_to_table regexp_substr repeat replace reverse right round row_number row_to_json rpad rtrim scale
  set_bit set_byte set_masklen setseed setval setweight sha224 sha256 sha384 sha512 sign similar_escape
  similar_to_escape sin sinh split_part sqrt starts_with statement_timestamp stddev stddev_pop stddev_samp string_agg
  string_to_array string_to_table strip strpos substr substring sum tan tanh text time timezone to_ascii to_bin to_char
  to_date to_hex to_json to_jsonb to_number to_oct to_regclass to_regproc to_regprocedure to_regtype to_timestamp
  to_tsquery to_tsvector transaction_timestamp translate trim_array trim_scale trunc ts_rank unicode_assigned unistr
  unnest upper upper_inc upper_inf uuidv4 uuidv7 var_pop var_samp variance version websearch_to_tsquery width
  width_bucket xmlagg xpath xpath_exists
  `
    .trim()
    .split(/\s+/),
);

/** Whether nobody can tell what a call does; those that act on the server have a rule of their own. */
export function isUnknownFunction(words: readonly string[]): boolean {
  const name = words.at(-1) ?? '';
  if (isServerFunction(name)) return false;
  return !knownFunctions.has(name) || (words.length > 1 && words[0] !== 'pg_catalog');
}
