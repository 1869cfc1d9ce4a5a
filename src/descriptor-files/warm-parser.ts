import { parseDocument } from 'yaml';

// A process whose very first YAML is deeply nested can be aborted by its regular expression compiler; one ordinary parse first prevents it.
parseDocument('warm: { up: [1, "two", three] }\n');
