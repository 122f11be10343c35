// What AWS's own models say about operations and shapes: the files of models/, embedded in the
// binary and read one line at a time, when a shape is first asked for. They hold the truth that our
// SHAPEs are tested against, let the simulator refuse what AWS would refuse, and check the task
// definitions that users write.
#pragma once

#include "aws/service.h"
#include "base/diagnostic.h"
#include "base/json.h"
#include "base/node.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::aws {

enum class FactKind {
  kStructure,
  kList,
  kMap,
  kString,
  kInteger,
  kLong,
  kFloat,
  kDouble,
  kBoolean,
  kTimestamp,
  kBlob,
};

struct MemberFacts {
  std::string name;
  std::string shape;
  bool is_required = false;
  bool is_idempotency_token = false;
  std::string location;    // "uri", "querystring", "header", "statusCode"; empty: the body
  std::string wire_name;   // where it is not the member's own
  std::string query_name;  // ec2: in a form, where it is neither of these; or empty
};

struct ShapeFacts {
  std::string name;
  FactKind kind = FactKind::kStructure;
  std::vector<MemberFacts> members;  // kStructure, in the order of AWS's model
  std::string element;               // kList, kMap: the shape of what is inside
  std::string item_name = "member";  // kList, in XML and forms: what an item is called
  std::string key_name = "key";      // kMap, query protocol: what an entry calls its two parts
  std::string value_name = "value";
  std::vector<std::string> values;  // kString: all there were when the model was written, or none
  std::optional<double> min;        // of a number, or of the length of a text, list or map
  std::optional<double> max;
  bool is_document = false;  // any JSON
  std::string payload;       // kStructure: the member that is the whole body, or empty
  std::string error_code;    // of an exception: its code on the wire
  int error_status = 0;

  const MemberFacts* find(std::string_view member) const;
};

struct OperationFacts {
  std::string name;
  std::string input;  // shape, or empty
  std::string output;
  std::vector<std::string> errors;  // shapes of exceptions
  bool is_signed = true;
  // Of protocols that say with the path what is asked for: "PUT", "/schedules/{Name}".
  std::string http_method = "POST";
  std::string http_uri = "/";
  int http_status = 200;  // of success
  // rest-xml: the root of a request's body.
  std::string root_name;
  std::string xml_namespace;
};

class Facts {
 public:
  // Of a service with a row in service.h.
  static const Facts& of(const ServiceFacts& service);

  // `text` in the format of models/README.md; it must outlive the object.
  explicit Facts(std::string_view text);

  // nullptr when AWS has no such thing, or we never asked the extractor for it.
  const ShapeFacts* shape(std::string_view name) const;
  const OperationFacts* operation(std::string_view name) const;

  std::vector<std::string_view> shape_names() const;
  std::vector<std::string_view> operation_names() const;
  const Json& metadata() const { return metadata_; }
  // botocore's paginator of the operation, or nullptr.
  const Json* paginator(std::string_view operation) const;

 private:
  using Lines = std::map<std::string_view, std::string_view>;  // name to its JSON

  Json metadata_;
  Lines operation_lines_;
  Lines shape_lines_;
  Lines paginator_lines_;
  mutable std::map<std::string_view, std::unique_ptr<ShapeFacts>> shapes_;
  mutable std::map<std::string_view, std::unique_ptr<OperationFacts>> operations_;
  mutable std::map<std::string_view, std::unique_ptr<Json>> paginators_;
};

// One way in which a document differs from its shape.
struct Violation {
  enum class Kind {
    kWrongType,
    kMissingMember,
    kUnknownMember,  // AWS may have learned it since
    kUnknownValue,   // not in the enum; AWS may have learned it since
    kOutOfRange,     // too small or large, too short or long; limits get raised
  };

  Kind kind;
  std::string path;        // "containerDefinitions[0].cpu", or empty for the document itself
  std::string message;     // one sentence without a full stop and without the path
  std::string suggestion;  // "did you mean essential?", or empty
  SourceSpan span;         // when the document is a Node
};

// All of them, in the order of the document. A null is the same as nothing.
std::vector<Violation> check_document(const Facts& facts, std::string_view shape,
                                      const Json& document);
std::vector<Violation> check_document(const Facts& facts, std::string_view shape,
                                      const Node& document);

// As diagnostics about a file: what AWS refuses whatever its version is an error, what it may have
// learned since the models were written is a warning. `prefix` goes before each path.
void report(const std::vector<Violation>& violations, std::string_view prefix,
            Diagnostics& diagnostics);

}  // namespace slipway::aws
