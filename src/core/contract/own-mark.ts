/** Stands inside the statements by which the engine itself reads the old form: they are no readers that contract waits for. */
export const ownMark = '/* spillway */';
