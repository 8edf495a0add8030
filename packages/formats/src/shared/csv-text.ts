/** Returns one row of CSV (RFC 4180) with its newline; fields are quoted where they have to be. */
export function csvRow(fields: readonly string[], delimiter = ','): string {
  if (fields.length === 1 && fields[0] === '') return '""\n'
  return `${fields.map((field) => quoted(field, delimiter)).join(delimiter)}\n`
}

function quoted(field: string, delimiter: string): string {
  const isPlain =
    !/["\r\n]/u.test(field) && !field.includes(delimiter) && !field.startsWith('\ufeff')
  return isPlain ? field : `"${field.replaceAll('"', '""')}"`
}
