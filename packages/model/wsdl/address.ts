import { SaxesParser } from 'saxes';

/** The document is no WSDL, or does not say where the port is. */
export class WsdlAddressError extends Error {
  override readonly name = 'WsdlAddressError';
}

/** Levels of nesting that are read, and ports. */
const deepest = 256;
const mostPorts = 1000;

interface Port {
  readonly service: string;
  readonly name: string;
  address: string;
}

/**
 * Address of a port in a document of WSDL 1.1 (SOAP 1.1, SOAP 1.2 and HTTP addresses, endpoint references of WS-Addressing) or 2.0. Without a
 * service the document must have a single one; without a port the first one counts that HTTP reaches. Imports are not followed, and a document
 * type is refused. Throws `WsdlAddressError` in words.
 */
export function wsdlAddress(text: string, service: string, port: string): string {
  const ports = portsOf(text);
  const services = [...new Set(ports.map((one) => one.service))];
  const known = services.map((name) => JSON.stringify(name)).join(', ');
  if (services.length === 0) throw new WsdlAddressError('the document has no service with a port');
  if (service === '' && services.length > 1) throw new WsdlAddressError(`it has the services ${known}; name one`);
  const own = ports.filter((one) => service === '' || one.service === service);
  if (own.length === 0) throw new WsdlAddressError(`it has no service ${JSON.stringify(service)}, but ${known}`);
  const found = port === '' ? own.find(({ address }) => isHttp(address)) : own.find(({ name }) => name === port);
  if (found === undefined) {
    const names = own.map(({ name }) => JSON.stringify(name)).join(', ');
    if (port === '') throw new WsdlAddressError(`none of its ports ${names} has an http or https address`);
    throw new WsdlAddressError(`the service has no port ${JSON.stringify(port)}, but ${names}`);
  }
  if (isHttp(found.address)) return found.address;
  throw new WsdlAddressError(`the port ${JSON.stringify(found.name)} has no http or https address`);
}

function isHttp(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:');
}

/** The ports in order, those of all services. */
function portsOf(text: string): readonly Port[] {
  const parser = new SaxesParser({ position: true });
  const path: string[] = [];
  const ports: Port[] = [];
  let service = '';
  let addressText = '';
  parser.on('error', (error) => {
    throw new WsdlAddressError(`it is not well-formed XML (${error.message})`);
  });
  parser.on('doctype', () => {
    throw new WsdlAddressError('it has a document type, which is not read');
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (path.length >= deepest) throw new WsdlAddressError(`it is nested deeper than ${deepest} levels`);
    path.push(localName(name));
    if (path.length === 1 && path[0] !== 'definitions' && path[0] !== 'description') {
      throw new WsdlAddressError('its root is neither definitions nor description');
    }
    const place = path.slice(1).join('/');
    const said = (attribute: string): string => {
      const value = attributes[attribute];
      return typeof value === 'string' ? value.trim() : '';
    };
    if (place === 'service') service = said('name');
    if (place === 'service/port' || place === 'service/endpoint') {
      if (ports.length >= mostPorts) throw new WsdlAddressError(`it has more than ${mostPorts} ports`);
      ports.push({ service, name: said('name'), address: said('address') });
    }
    const current = ports.at(-1);
    if (place === 'service/port/address' && current) current.address = said('location');
    addressText = '';
  });
  parser.on('text', (piece) => {
    if (path.at(-1) === 'Address') addressText += piece;
  });
  parser.on('closetag', () => {
    const place = path.slice(1).join('/');
    const current = ports.at(-1);
    const reference = /^service\/(?:port|endpoint)\/EndpointReference\/Address$/.test(place);
    if (reference && current?.address === '') current.address = addressText.trim();
    path.pop();
  });
  parser.write(text).close();
  return ports;
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
