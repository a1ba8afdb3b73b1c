import type { TestContext } from 'node:test';
import {
  Client,
  credentials,
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type MethodDefinition,
  Server,
  ServerCredentials,
} from '@grpc/grpc-js';
import { testTls } from './tls.ts';

/** Methods of the service `/test.Echo`; messages are plain bytes. */
export const methods = {
  unary: method('Unary', false, false),
  download: method('Download', false, true),
  upload: method('Upload', true, false),
  talk: method('Talk', true, true),
};

function same(bytes: Buffer): Buffer {
  return bytes;
}

function method(name: string, requestStream: boolean, responseStream: boolean): MethodDefinition<Buffer, Buffer> {
  const path = `/test.Echo/${name}`;
  const serialize = { requestSerialize: same, responseSerialize: same };
  return { path, requestStream, responseStream, ...serialize, requestDeserialize: same, responseDeserialize: same };
}

export interface EchoHandlers {
  readonly unary: handleUnaryCall<Buffer, Buffer>;
  readonly download: handleServerStreamingCall<Buffer, Buffer>;
  readonly upload: handleClientStreamingCall<Buffer, Buffer>;
  readonly talk: handleBidiStreamingCall<Buffer, Buffer>;
}

/** A gRPC server on a loopback port, without TLS; resolves with its port. */
export async function startGrpc(t: TestContext, handlers: EchoHandlers): Promise<number> {
  const server = new Server();
  server.addService(methods, handlers as never);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  t.after(() => server.forceShutdown());
  return port;
}

/** A gRPC client of the gateway's TLS port. */
export function grpcClient(t: TestContext, port: number, options: object = {}): Client {
  const channel = credentials.createSsl(Buffer.from(testTls.cert));
  const client = new Client(`localhost:${port}`, channel, options);
  t.after(() => client.close());
  return client;
}
