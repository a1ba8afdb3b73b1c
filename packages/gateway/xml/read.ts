import { SaxesParser } from 'saxes';

/** Levels of nesting and elements that are read. */
const deepest = 64;
const mostElements = 10_000;

/** An element of a small XML document, names without prefix. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The texts between its parts, one after the other. */
  readonly text: string;
  /** Where its start tag ends; the first line is 1. */
  readonly line: number;
}

/** The text is not XML, or more than is read. */
export class XmlError extends Error {
  override readonly name = 'XmlError';
  readonly line: number;

  constructor(line: number, reason: string) {
    super(reason);
    this.line = line;
  }
}

/**
 * Reads a document into a tree. A document type is refused, so that no entity can be declared,
 * and size is bounded: 64 levels and 10,000 elements. Throws `XmlError`.
 */
export function readXml(text: string): XmlElement {
  const parser = new SaxesParser({ position: true });
  const open: { name: string; attributes: Map<string, string>; children: XmlElement[]; text: string; line: number }[] =
    [];
  let root: XmlElement | undefined;
  let count = 0;
  parser.on('error', (error) => {
    throw new XmlError(
      parser.line,
      `it is not well-formed XML (${error.message.replace(/^\d+:\d+: /, '')}); correct it`,
    );
  });
  parser.on('doctype', () => {
    throw new XmlError(parser.line, 'it has a document type, which is not read; take it out');
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (open.length >= deepest) throw new XmlError(parser.line, `it is nested deeper than ${deepest} levels`);
    if (++count > mostElements) throw new XmlError(parser.line, `it has more than ${mostElements} elements`);
    const element = {
      name: localName(name),
      attributes: new Map(Object.entries(attributes).map(([key, value]) => [localName(key), value])),
      children: [],
      text: '',
      line: parser.line,
    };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  const takeText = (piece: string): void => {
    const element = open.at(-1);
    if (element) element.text += piece;
  };
  parser.on('text', takeText);
  parser.on('cdata', takeText);
  parser.on('closetag', () => {
    root = open.pop();
  });
  parser.write(text).close();
  if (root === undefined) throw new XmlError(parser.line, 'it holds no element; write one, or leave the setting out');
  return root;
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
