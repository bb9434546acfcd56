/** The part of Node's `path` that create-torrent needs in a page. */
export default {
  /** @param {string} path */
  basename: (path) => path.slice(path.lastIndexOf('/') + 1),
};
