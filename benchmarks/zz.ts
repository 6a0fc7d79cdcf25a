import { benchEditor } from './editor';
void benchEditor(200, []);
