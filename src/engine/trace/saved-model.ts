import { createRequire } from 'node:module';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Attribute, GraphNode } from './graph.js';

/** The generated protobuf classes that tfjs-node carries, as far as they are used here. */
interface Message { serializeBinary(): Uint8Array }
interface ShapeMessage extends Message { addDim(dim: DimMessage): void }
interface DimMessage extends Message { setSize(size: number): void }
interface TensorMessage extends Message { setDtype(type: number): void; setTensorShape(shape: ShapeMessage): void; setTensorContent(bytes: Uint8Array): void }
interface ListMessage extends Message { setIList(values: readonly number[]): void; setFList(values: readonly number[]): void; setBList(values: readonly boolean[]): void }
interface AttributeMessage extends Message {
  setType(type: number): void; setI(value: number): void; setF(value: number): void; setB(value: boolean): void;
  setS(value: Uint8Array): void; setShape(shape: ShapeMessage): void; setTensor(tensor: TensorMessage): void; setList(list: ListMessage): void;
}
interface NodeMessage extends Message {
  setName(name: string): void; setOp(op: string): void; setInputList(inputs: readonly string[]): void;
  getAttrMap(): { set(name: string, value: AttributeMessage): void };
}
interface GraphMessage extends Message { addNode(node: NodeMessage): void; setVersions(version: VersionMessage): void }
interface VersionMessage extends Message { setProducer(version: number): void }
interface InfoMessage extends Message { addTags(tag: string): void }
interface MetaGraphMessage extends Message { setMetaInfoDef(info: InfoMessage): void; setGraphDef(graph: GraphMessage): void }
interface SavedModelMessage extends Message { setSavedModelSchemaVersion(version: number): void; addMetaGraphs(graph: MetaGraphMessage): void }
interface Messages {
  readonly TensorShape: (new () => ShapeMessage) & { readonly Dim: new () => DimMessage };
  readonly Tensor: new () => TensorMessage;
  readonly AttrValue: (new () => AttributeMessage) & { readonly ListValue: new () => ListMessage };
  readonly NodeDef: new () => NodeMessage;
  readonly GraphDef: new () => GraphMessage;
  readonly VersionDef: new () => VersionMessage;
  readonly MetaGraphDef: (new () => MetaGraphMessage) & { readonly MetaInfoDef: new () => InfoMessage };
  readonly SavedModel: new () => SavedModelMessage;
}

/** GraphDef version of TensorFlow 2 (TF_GRAPH_DEF_VERSION of 2.9 and later is above it; newer runtimes read it). */
const graphVersion = 1087;

const shapeMessage = (m: Messages, shape: readonly number[]): ShapeMessage => {
  const message = new m.TensorShape();
  for (const size of shape) {
    const dim = new m.TensorShape.Dim();
    dim.setSize(size);
    message.addDim(dim);
  }
  return message;
};

function attributeMessage(m: Messages, attribute: Attribute): AttributeMessage {
  const message = new m.AttrValue();
  switch (attribute.kind) {
    case 'type': message.setType(attribute.value); break;
    case 'int': message.setI(attribute.value); break;
    case 'float': message.setF(attribute.value); break;
    case 'bool': message.setB(attribute.value); break;
    case 'string': message.setS(new TextEncoder().encode(attribute.value)); break;
    case 'shape': message.setShape(shapeMessage(m, attribute.value)); break;
    case 'ints':
    case 'floats':
    case 'bools': {
      const list = new m.AttrValue.ListValue();
      if (attribute.kind === 'ints') list.setIList(attribute.value);
      else if (attribute.kind === 'floats') list.setFList(attribute.value);
      else list.setBList(attribute.value);
      message.setList(list);
      break;
    }
    case 'tensor': {
      const tensor = new m.Tensor();
      tensor.setDtype(attribute.type);
      tensor.setTensorShape(shapeMessage(m, attribute.shape));
      tensor.setTensorContent(attribute.bytes);
      message.setTensor(tensor);
      break;
    }
    default: return attribute satisfies never;
  }
  return message;
}

/** The bytes of a SavedModel with the one meta graph `serve`. Equal nodes give equal bytes. */
export function savedModelBytes(nodes: readonly GraphNode[]): Uint8Array {
  const m = createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu/dist/proto/api_pb.js') as Messages;
  const graph = new m.GraphDef();
  for (const node of nodes) {
    const message = new m.NodeDef();
    message.setName(node.name);
    message.setOp(node.op);
    message.setInputList(node.inputs);
    for (const [name, attribute] of Object.entries(node.attributes)) message.getAttrMap().set(name, attributeMessage(m, attribute));
    graph.addNode(message);
  }
  const version = new m.VersionDef();
  version.setProducer(graphVersion);
  graph.setVersions(version);
  const info = new m.MetaGraphDef.MetaInfoDef();
  info.addTags('serve');
  const meta = new m.MetaGraphDef();
  meta.setMetaInfoDef(info);
  meta.setGraphDef(graph);
  const model = new m.SavedModel();
  model.setSavedModelSchemaVersion(1);
  model.addMetaGraphs(meta);
  return model.serializeBinary();
}

/** Writes `saved_model.pb` into a new folder. */
export function writeSavedModel(folder: string, bytes: Uint8Array): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'saved_model.pb'), bytes);
}
