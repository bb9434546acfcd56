/** simple-peer says what it does to `debug`, which is silent unless somebody asks. */
const debug = () => (): void => undefined;

// The name under which CommonJS gets it.
export { debug as 'module.exports' };
