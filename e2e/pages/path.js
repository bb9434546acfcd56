/** What create-torrent needs of Node's path in a page: the last part of a name. */
export default {
  /** @param {string} path */
  basename: (path) => path.slice(path.lastIndexOf('/') + 1),
};
