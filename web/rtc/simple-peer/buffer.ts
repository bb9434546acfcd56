/** simple-peer makes a Buffer of each message that it reads; ours are read elsewhere. */
export const Buffer = Uint8Array;
