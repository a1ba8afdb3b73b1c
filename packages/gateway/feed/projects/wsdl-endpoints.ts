import { type ApiEndpoints, type Endpoint, wsdlAddress } from '@sluice/model';

/**
 * WSDL endpoints whose address was not written down get it from the document of the project. Throws `WsdlAddressError` in words when that does not tell,
 * and an Error when there is none.
 */
export function withProjectWsdl(endpoints: ApiEndpoints, wsdl: string | undefined): ApiEndpoints {
  return {
    ...endpoints,
    production: endpoints.production && addressed(endpoints.production, wsdl),
    sandbox: endpoints.sandbox && addressed(endpoints.sandbox, wsdl),
  };
}

function addressed(endpoint: Endpoint, wsdl: string | undefined): Endpoint {
  if ('children' in endpoint) {
    return { ...endpoint, children: endpoint.children.map((child) => addressed(child, wsdl)) };
  }
  if (endpoint.kind !== 'wsdl' || endpoint.url !== '' || endpoint.wsdl === undefined) return endpoint;
  if (wsdl === undefined) {
    throw new Error(`the address of ${endpoint.name} is not known: give its address, or put the document into WSDL/`);
  }
  return { ...endpoint, url: wsdlAddress(wsdl, endpoint.wsdl.service, endpoint.wsdl.port) };
}
