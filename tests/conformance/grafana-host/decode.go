package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// decodeFrames reads frames as Grafana's server does and writes the JSON that the server sends to browsers. A panic in the decoder
// would end a query of a Grafana server, or the server itself. Here, a panic becomes an error that begins with "panic".
func decodeFrames(encoded [][]byte) (written []json.RawMessage, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("panic while decoding frames: %v", reason)
		}
	}()
	frames, err := data.UnmarshalArrowFrames(encoded)
	if err != nil {
		return nil, fmt.Errorf("decode frames: %w", err)
	}
	written = make([]json.RawMessage, len(frames))
	for i, frame := range frames {
		text, err := json.Marshal(frame)
		if err != nil {
			return nil, fmt.Errorf("write frame %d as JSON: %w", i, err)
		}
		if !json.Valid(text) {
			return nil, errors.New("the JSON of a frame is invalid")
		}
		written[i] = text
	}
	return written, nil
}
