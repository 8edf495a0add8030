/** The part of jsfive that is used here; the package ships no types. */
declare module 'jsfive' {
  export class Dataset {
    readonly shape: readonly number[]
    readonly dtype: unknown
    readonly value: unknown
  }

  export class File {
    constructor(bytes: ArrayBuffer, name: string)
    readonly keys: readonly string[]
    get(name: string): unknown
  }
}
