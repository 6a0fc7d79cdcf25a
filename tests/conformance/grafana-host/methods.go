package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend/grpcplugin"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

const callTimeout = time.Minute

// methods holds the plugin's gRPC clients. They are nil if no plugin runs.
type methods struct {
	diagnostics grpcplugin.DiagnosticsClient
	resource    grpcplugin.ResourceClient
	data        grpcplugin.DataClient
}

// answer is the result of one query, with frames as the JSON that a browser gets.
type answer struct {
	Status      int32             `json:"status"`
	Error       string            `json:"error"`
	ErrorSource string            `json:"errorSource"`
	Frames      []json.RawMessage `json:"frames"`
}

// chunk is one part of the result of a chunked query. Parts with the same FrameID belong to one frame.
type chunk struct {
	RefID   string `json:"refId"`
	FrameID string `json:"frameId"`
	answer
}

func (m methods) call(method string, raw json.RawMessage) (any, error) {
	if m.data == nil && method != "DecodeFrame" {
		return nil, fmt.Errorf("%s: no plugin was started", method)
	}
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	switch method {
	case "CheckHealth":
		return m.checkHealth(ctx, raw)
	case "CollectMetrics":
		return m.collectMetrics(ctx, raw)
	case "CallResource":
		return m.callResource(ctx, raw)
	case "QueryData":
		return m.queryData(ctx, raw)
	case "QueryChunkedData":
		return m.queryChunkedData(ctx, raw)
	case "RuleValues":
		return m.ruleValues(ctx, raw)
	case "DecodeFrame":
		var frame []byte
		if err := json.Unmarshal(raw, &frame); err != nil {
			return nil, err
		}
		_, err := decodeFrames([][]byte{frame})
		return "decoded", err
	}
	return nil, fmt.Errorf("unknown method %q", method)
}

func (m methods) checkHealth(ctx context.Context, raw json.RawMessage) (any, error) {
	request := &pluginv2.CheckHealthRequest{}
	if err := protojson.Unmarshal(raw, request); err != nil {
		return nil, err
	}
	return protobufJSON(m.diagnostics.CheckHealth(ctx, request))
}

func (m methods) collectMetrics(ctx context.Context, raw json.RawMessage) (any, error) {
	request := &pluginv2.CollectMetricsRequest{}
	if err := protojson.Unmarshal(raw, request); err != nil {
		return nil, err
	}
	return protobufJSON(m.diagnostics.CollectMetrics(ctx, request))
}

func (m methods) callResource(ctx context.Context, raw json.RawMessage) (any, error) {
	request := &pluginv2.CallResourceRequest{}
	if err := protojson.Unmarshal(raw, request); err != nil {
		return nil, err
	}
	stream, err := m.resource.CallResource(ctx, request)
	if err != nil {
		return nil, err
	}
	// Status and headers are in the first message; the body continues in the following messages.
	whole := &pluginv2.CallResourceResponse{}
	for {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return protobufJSON(whole, nil)
		}
		if err != nil {
			return nil, err
		}
		if whole.Code == 0 {
			whole.Code, whole.Headers = part.Code, part.Headers
		}
		whole.Body = append(whole.Body, part.Body...)
	}
}

func (m methods) queryData(ctx context.Context, raw json.RawMessage) (any, error) {
	request := &pluginv2.QueryDataRequest{}
	if err := protojson.Unmarshal(raw, request); err != nil {
		return nil, err
	}
	response, err := m.data.QueryData(ctx, request)
	if err != nil {
		return nil, err
	}
	answers := map[string]answer{}
	for refID, part := range response.Responses {
		frames, err := decodeFrames(part.Frames)
		if err != nil {
			return nil, fmt.Errorf("query %s: %w", refID, err)
		}
		answers[refID] = answer{part.Status, part.Error, part.ErrorSource, frames}
	}
	return answers, nil
}

// ruleValues runs the query A, and reads its result as an alert rule does.
func (m methods) ruleValues(ctx context.Context, raw json.RawMessage) (any, error) {
	request := &pluginv2.QueryDataRequest{}
	if err := protojson.Unmarshal(raw, request); err != nil {
		return nil, err
	}
	response, err := m.data.QueryData(ctx, request)
	if err != nil {
		return nil, err
	}
	result := response.Responses["A"]
	if result.GetError() != "" {
		return nil, errors.New(result.Error)
	}
	frames, err := data.UnmarshalArrowFrames(result.GetFrames())
	if err != nil {
		return nil, err
	}
	return ruleValues(frames)
}

func (m methods) queryChunkedData(ctx context.Context, raw json.RawMessage) (any, error) {
	request := &pluginv2.QueryChunkedDataRequest{}
	if err := protojson.Unmarshal(raw, request); err != nil {
		return nil, err
	}
	stream, err := m.data.QueryChunkedData(ctx, request)
	if err != nil {
		return nil, err
	}
	chunks := []chunk{}
	for {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return chunks, nil
		}
		if err != nil {
			return nil, err
		}
		var frames []json.RawMessage
		if len(part.Frame) > 0 {
			if frames, err = decodeFrames([][]byte{part.Frame}); err != nil {
				return nil, fmt.Errorf("query %s, frame %s: %w", part.RefId, part.FrameId, err)
			}
		}
		chunks = append(chunks, chunk{part.RefId, part.FrameId, answer{part.Status, part.Error, part.ErrorSource, frames}})
	}
}

// protobufJSON converts the message of a call to JSON, or returns the error of the call.
func protobufJSON(message proto.Message, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	written, err := protojson.Marshal(message)
	return json.RawMessage(written), err
}
