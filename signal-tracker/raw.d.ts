/** The bundler puts the text of the file in. */
declare module '*?raw' {
  const text: string;
  export default text;
}

/** The bundler puts the messages `server_…` in (`e2e/tools/texts/server-texts.ts`): by language, then by key without `server_`. */
declare module 'virtual:server-texts' {
  const texts: Readonly<Record<string, Readonly<Record<string, string>>>>;
  export default texts;
}
